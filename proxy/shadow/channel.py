"""From a worker to the shadow process: captures as far as there is credit, and never a wait.

The process grants credit, an octet a time, each worth its value. A worker that has none left looks
at one number and goes on, however that came about: no process, a busy one, one that was stopped.
"""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "shadow"
AGAIN_SECONDS = 1.0


@contextmanager
def address(folder: Path) -> Iterator[str]:
    """Of the socket in the folder where the processes of a proxy meet; for the length of a block.

    An address of this kind has at most 107 octets, and the folder's own name may have more.
    """
    place = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{place}/{NAME}"
    finally:
        os.close(place)


class Channel:
    """`credit`: captures that may be begun. Belongs to one event loop."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.credit = 0
        self._generation = 0
        self._folder = folder
        self._loop = loop
        self._sock: socket.socket | None = None
        self._unsent = memoryview(b"")
        self._kept = 0  # credit that counts again when all is sent
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def open(self) -> None:
        """From now on, connect whenever there is somebody to connect to."""
        self._timer = None
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            with address(self._folder) as name:
                sock.connect(name)
        except OSError:  # not there yet, ended, or too many wait for it already
            sock.close()
            self._try_again()
            return
        self._sock = sock
        self._loop.add_reader(sock, self._read)

    def take(self) -> int:
        """One credit; what to `give_back` where nothing comes of it."""
        self.credit -= 1
        return self._generation

    def give_back(self, taken: int) -> None:
        """Credit of a connection that is gone went with it."""
        if taken != self._generation:
            return
        if self._unsent:
            self._kept += 1
        else:
            self.credit += 1

    def send(self, frame: bytes) -> bool:
        """Whether it is on its way."""
        sock = self._sock
        if sock is None or self._unsent:
            return False
        try:
            sent = sock.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._lost()
            return False
        if sent < len(frame):
            self._unsent = memoryview(frame)[sent:]
            self._kept, self.credit = self.credit, 0
            self._loop.add_writer(sock, self._send_rest)
        return True

    def close(self) -> None:
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._drop()

    def _send_rest(self) -> None:
        if self._sock is None:
            return
        try:
            self._unsent = self._unsent[self._sock.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._lost()
            return
        if not self._unsent:
            self._loop.remove_writer(self._sock)
            self.credit, self._kept = self.credit + self._kept, 0

    def _read(self) -> None:
        if self._sock is None:
            return
        try:
            granted = self._sock.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            granted = b""
        if not granted:
            self._lost()
        elif self._unsent:
            self._kept += sum(granted)
        else:
            self.credit += sum(granted)

    def _lost(self) -> None:
        self._drop()
        self._try_again()

    def _drop(self) -> None:
        self._generation += 1
        self.credit = self._kept = 0
        self._unsent = memoryview(b"")
        sock, self._sock = self._sock, None
        if sock is not None:
            with suppress(OSError):
                self._loop.remove_reader(sock)
                self._loop.remove_writer(sock)
            sock.close()

    def _try_again(self) -> None:
        if not self._closed:
            self._timer = self._loop.call_later(AGAIN_SECONDS, self.open)
