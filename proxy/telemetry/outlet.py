"""Where lines go: a file, or a pipe or socket, for whose reader no worker may wait."""

import fcntl
import os
import select
import socket
import stat
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

from proxy.telemetry.line import LONGEST

PIPE_ROOM = 256 * 1024
"""Octets that a pipe is made to hold, where the system lets us."""

_NEWLINE = 0x0A


class Outlet:
    """Writes whole lines to a file descriptor, which stays the caller's.

    `fd` is the one to watch for room. `torn` where the last octet written was not a line's end.
    """

    def __init__(self, fd: int) -> None:
        self._closing = ExitStack()
        self._piece: int | None = LONGEST
        self.torn = False
        mode = os.fstat(fd).st_mode
        if stat.S_ISSOCK(mode):
            self.fd, self._send = self._socket(fd)
        elif stat.S_ISFIFO(mode):
            self.fd = self._pipe(fd)
            self._send = self._write
        else:
            self._piece = None
            self.fd = fd
            self._send = self._write

    def write(self, lines: bytearray) -> None:
        """Write what there is room for, and take it out of `lines`.

        Raises `BlockingIOError` where room is wanting, `OSError` where nothing can be written.
        """
        done = 0
        try:
            with memoryview(lines) as view:
                while done < len(lines):
                    # Released by name: an exception's traceback would keep hold of the buffer.
                    with view[done : self._end(lines, done)] as piece:
                        done += self._send(piece)
        finally:
            if done:
                self.torn = lines[done - 1] != _NEWLINE
                del lines[:done]

    def write_within(self, lines: bytearray, seconds: float) -> None:
        """The same, but wait for room. Raises `TimeoutError` (an `OSError`) after `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.write(lines)
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0 or not self._room(left):
                    raise TimeoutError("nobody reads it") from None
            else:
                return

    def close(self) -> None:
        """Whoever writes later gets an `OSError`: the number may soon be that of a visitor."""
        self._closing.close()
        self.fd = -1

    def _end(self, lines: bytearray, start: int) -> int:
        if self._piece is None:
            return len(lines)
        return lines.rfind(b"\n", start, start + self._piece) + 1 or start + self._piece

    def _room(self, seconds: float) -> bool:
        """Whether there is any within this time, or an end to waiting."""
        poll = select.poll()
        poll.register(self.fd, select.POLLOUT)
        return bool(poll.poll(seconds * 1000))

    def _write(self, octets: memoryview) -> int:
        return os.write(self.fd, octets)

    def _socket(self, fd: int) -> tuple[int, Callable[[memoryview], int]]:
        ours = self._closing.enter_context(socket.socket(fileno=os.dup(fd)))
        return ours.fileno(), lambda octets: ours.send(octets, socket.MSG_DONTWAIT)

    def _pipe(self, fd: int) -> int:
        """Our own opening of the pipe: O_NONBLOCK on the given one would hit all who share it."""
        try:
            ours = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            ours = os.dup(fd)
            os.set_blocking(ours, False)
        self._closing.callback(os.close, ours)
        # As it comes, a pipe has 16 pages, and each piece takes one: less than a batch.
        with suppress(OSError):
            if fcntl.fcntl(ours, fcntl.F_GETPIPE_SZ) < PIPE_ROOM:
                fcntl.fcntl(ours, fcntl.F_SETPIPE_SZ, PIPE_ROOM)
        return ours
