"""The client's end of TLS on a socket that does not block: OpenSSL sees only what we hand it.

    recv ◀─ plain ◀─ OpenSSL ◀─ incoming ◀─ kernel
    send ─────────▶ OpenSSL ─▶ outgoing ─▶ unsent ─▶ kernel

`ssl.SSLSocket.unwrap` reads as soon as its close alert is out, and takes what the other end still
says for a fault: octets would be lost. Here nothing is there to be read while the alert is made.
Nor does anything decrypted stay inside, of which the kernel would not tell again.
"""

import socket
import ssl
from contextlib import suppress

from proxy.net.poller import READ, WRITE

RECORD = 16 * 1024
"""The most octets of one record (RFC 8446 §5.1)."""

CIPHERTEXT = 64 * 1024
"""Octets asked of the kernel at once."""

SEALED = 4 * RECORD
"""Octets that are encrypted at once: no more of them, and what TLS adds, wait for the kernel."""


class Secured:
    """States: shaking hands → open; then each direction ends by itself, with a close alert."""

    __slots__ = (
        "_alerted",
        "_ended",
        "_fault",
        "_incoming",
        "_outgoing",
        "_plain",
        "_sealed",
        "_tls",
        "_unsent",
        "sock",
    )

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """`sock` is connected to `host`. Raises `ValueError` for a name that no host can have."""
        self.sock = sock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._unsent = memoryview(b"")
        self._sealed = 0  # octets of what is being sent that are in `outgoing` or `unsent`
        self._plain = b""
        self._ended = False
        self._fault: OSError | None = None
        self._alerted = False

    def shake_hands(self) -> int:
        """A step: the event to wait for before the next, 0 when done. Raises `OSError`."""
        while True:
            try:
                self._tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            except ssl.SSLError:
                with suppress(OSError):
                    self._flush()  # an alert that says what we do not like
                raise
            if not self._flush():
                return WRITE
            if done:
                self._decrypt()  # tickets may have come with it
                return 0
            try:
                data = self.sock.recv(CIPHERTEXT)
            except BlockingIOError:
                return READ
            if not data:
                raise _ragged()
            self._incoming.write(data)

    # receiving

    def recv(self, size: int) -> bytes:
        """What the next `size` octets of the kernel hold for us; b"" after the close alert.

        It may be a record more than `size`, and `pending` says whether there is an end behind it.
        Raises `BlockingIOError` where there is nothing yet, and another `OSError` for a fault,
        such as an end without close alert, which may be an attacker's.
        """
        if not self.pending():
            self._receive(size)
        data, self._plain = self._plain, b""
        if not (data or self._ended):
            raise self._fault or BlockingIOError
        return data

    def pending(self) -> bool:
        """`recv` has something to tell of which the kernel knows no more."""
        return bool(self._plain) or self._ended or self._fault is not None

    def quiet(self) -> bool:
        """Open, and nothing came for us; what came is kept for `recv`."""
        try:
            while not self.pending():
                self._receive(CIPHERTEXT)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def _receive(self, size: int) -> None:
        data = self.sock.recv(size)
        if data:
            self._incoming.write(data)
            self._decrypt()
        else:
            self._fault = _ragged()

    def _decrypt(self) -> None:
        """All of it, so that `incoming` is empty; half a record stays inside OpenSSL."""
        pieces = []
        try:
            while self._incoming.pending:
                piece = self._tls.read(RECORD)
                if not piece:
                    self._ended = True
                    break
                pieces.append(piece)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:  # their alert, when ours is out
            self._ended = True
        except ssl.SSLError as error:
            self._fault = error
        self._plain = b"".join(pieces)
        if self._outgoing.pending:
            with suppress(OSError):
                self._flush()  # OpenSSL answered by itself

    # sending

    def send(self, data: bytes | memoryview) -> int:
        """How many octets of `data` are gone. The rest must be what is sent next.

        For a part of it may have been encrypted already, which cannot be taken back. Raises
        `BlockingIOError` where none is gone, and other `OSError`s.
        """
        gone = 0
        while self._flush():
            gone += self._sealed
            self._sealed = 0
            if gone == len(data):
                return gone
            try:
                self._sealed = self._tls.write(memoryview(data)[gone : gone + SEALED])
            except ssl.SSLWantReadError:  # TLS 1.2: they want to shake hands again
                break
        if not gone:
            raise BlockingIOError
        return gone

    def end(self) -> None:
        """Send our close alert; what the other end says after it is still received.

        Raises `BlockingIOError` where it is not gone: call again when it can be.
        """
        if not self._alerted:
            self._alerted = True
            with suppress(ssl.SSLWantReadError):  # they have not said the same yet
                self._tls.unwrap()
        if not self._flush():
            raise BlockingIOError

    def _flush(self) -> bool:
        """Whether all that is encrypted is gone."""
        while self._unsent or self._outgoing.pending:
            if not self._unsent:
                self._unsent = memoryview(self._outgoing.read())
            try:
                gone = self.sock.send(self._unsent)
            except BlockingIOError:
                return False
            self._unsent = self._unsent[gone:]
        return True


def _ragged() -> ssl.SSLEOFError:
    return ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "the connection ended without a close alert")
