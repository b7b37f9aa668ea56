# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end suites share: the server as a process, ways to talk to it, random input and its judges."""
