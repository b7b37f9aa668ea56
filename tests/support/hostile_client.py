# SPDX-License-Identifier: Apache-2.0
"""Clients that break the rules of HTTP, or of good manners."""

import resource
import select
import socket

from support.waiting import Deadline


def raise_descriptor_limit(wanted):
    """Room for `wanted` connections in this process; fails where the machine does not give it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + 200
    if soft < needed:
        assert hard == resource.RLIM_INFINITY or hard >= needed, f"{needed} descriptors wanted, {hard} allowed"
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _ready(connection, events, seconds):
    """The events that came within the time, or 0. Not select(), which knows no descriptors above 1023."""
    waiting = select.poll()
    waiting.register(connection, events)
    return next((found for _, found in waiting.poll(seconds * 1000)), 0)


def read_answer(connection, seconds=10.0):
    """Everything up to the end of the connection, or until the answer is whole; (status or None, body)."""
    received = b""
    deadline = Deadline(seconds)
    while not deadline.passed():
        if not _ready(connection, select.POLLIN, deadline.left()):
            break
        try:
            part = connection.recv(1 << 16)
        except ConnectionResetError:
            break
        if not part:
            break
        received += part
        if _whole(received):
            break
    if not received.startswith(b"HTTP/"):
        return None, received
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def _whole(received):
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return body.endswith(b"0\r\n\r\n")


def send_until_refused(connection, parts, most_bytes):
    """Sends parts until the server answers, cuts, or `most_bytes` are out; returns the number of bytes sent."""
    sent = 0
    for part in parts:
        if _ready(connection, select.POLLIN | select.POLLOUT, 10) != select.POLLOUT:
            return sent
        try:
            connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            return sent
        sent += len(part)
        if sent > most_bytes:
            return sent
    return sent


def is_cut(connection):
    """Whether the peer has closed the connection; what it sent before is thrown away."""
    while True:
        if not _ready(connection, select.POLLIN, 0):
            return False
        try:
            if not connection.recv(1 << 16):
                return True
        except (ConnectionResetError, BrokenPipeError):
            return True


def dribble(connection, byte=b"a"):
    """One more byte; False when the connection is gone."""
    try:
        connection.send(byte)
        return True
    except (BrokenPipeError, ConnectionResetError, TimeoutError, socket.timeout):
        return False
