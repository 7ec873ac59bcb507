"""An upstream that writes down what it is asked, by the strict reader, one connection at a time.

The proxy under test has one connection to it at most, so what is written down is in order.
"""

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from time import sleep

from loadtests.fuzz import strict
from loadtests.fuzz.strict import Message

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
SCRIPTED = b"/scripted"
"""A target that is answered with `script`, after which the upstream closes."""


BETWEEN = 0.001
"""Seconds between pieces that should be read one by one."""


class Recorder:
    """`messages` are the requests, whole or cut off; `faults` what no upstream should be sent.

    `apart`: the pieces of the script are sent with some time between.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.faults: list[str] = []
        self.script: Sequence[bytes] = ()
        self.apart = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more connections; the one that is open ends with its other end."""
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join()

    def taken(self) -> list[Message]:
        """What was written down since the last time."""
        messages, self.messages = self.messages, []
        return messages

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._door.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with sock, suppress(OSError):
                self._converse(sock)

    def _converse(self, sock: socket.socket) -> None:
        octets = b""
        while data := sock.recv(65536):
            octets += data
            while octets:
                try:
                    message, rest = strict.request(octets)
                except strict.StrictError as error:
                    self.faults.append(f"{error} in {octets[:2000]!r}")
                    return
                if not message.complete:
                    break
                octets = rest
                self.messages.append(message)
                if not self._answer(sock, message):
                    return
        if octets:
            self.messages.append(strict.request(octets)[0])

    def _answer(self, sock: socket.socket, message: Message) -> bool:
        """Whether another request may follow."""
        method, target, _ = message.start
        if target == SCRIPTED:
            for piece in self.script:
                sock.sendall(piece)
                if self.apart:
                    sleep(BETWEEN)
            return False
        sock.sendall(ANSWER if method == b"HEAD" else ANSWER + b"ok")
        return True
