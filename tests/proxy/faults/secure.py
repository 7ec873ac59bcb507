"""An upstream under TLS: its scripts use a blocking socket, each in a thread of its own."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.proxy.http.ends import PATIENCE

Script = Callable[[ssl.SSLSocket], None]


class SecureUpstream:
    """Plays `script` on each connection whose handshake is done; `connections` counts those.

    A script that just ends does so without close alert.
    """

    def __init__(
        self,
        certificate: Path,
        script: Script,
        version: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = version
        context.load_cert_chain(certificate)
        self._context = context
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self.failures: list[BaseException] = []
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def close(self) -> None:
        """End all connections, below TLS, and wait for the scripts."""
        self._listener.shutdown(socket.SHUT_RDWR)
        for sock in tuple(self._open):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in tuple(self._threads):
            thread.join(PATIENCE)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._play, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _play(self, sock: socket.socket) -> None:
        with sock:
            sock.settimeout(PATIENCE)
            try:
                secured = self._context.wrap_socket(sock, server_side=True)
            except OSError:
                return  # the proxy did not like us
            with secured:
                self._open.add(secured)
                self.connections += 1
                try:
                    self._script(secured)
                except Exception as error:
                    self.failures.append(error)
                self._open.discard(secured)


def part(secured: ssl.SSLSocket) -> None:
    """Say in TLS that nothing more comes; the proxy need not say the same."""
    with suppress(OSError):
        secured.unwrap()


def has_parted(secured: ssl.SSLSocket) -> bool:
    """Whether the proxy has said in TLS that nothing more comes; nothing may come before that."""
    secured.setblocking(False)
    try:
        return secured.recv(1) == b""
    except ssl.SSLWantReadError:
        return False
    finally:
        secured.settimeout(PATIENCE)


def cut(secured: ssl.SSLSocket) -> None:
    """End below TLS, without an alert, as anyone on the way can."""
    socket.socket.shutdown(secured, socket.SHUT_WR)


def read_head(secured: ssl.SSLSocket) -> tuple[bytes, bytes]:
    """The next head, and what came of the body; an empty one where the proxy has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            piece = secured.recv(65536)
        except OSError:
            return b"", b""
        if not piece:
            return b"", b""
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def read_body(secured: ssl.SSLSocket, size: int, begun: bytes) -> bytes:
    body = bytearray(begun)
    while len(body) < size:
        body += secured.recv(65536)
    return bytes(body)


def length_of(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length: "):
            return int(line.partition(b" ")[2])
    return 0
