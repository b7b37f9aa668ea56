# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the crash suite."""

import pytest


@pytest.fixture
def say(capsys):
    """Prints a figure past the capture, so that it is seen in every run."""
    def show(text):
        with capsys.disabled():
            print(f"\n    {text}", flush=True)
    return show
