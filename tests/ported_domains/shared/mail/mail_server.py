"""A mail server that keeps what it gets, and fails where a test wants it to (RFC 5321, 3207, 4954).

It speaks over real sockets, a thread for each connection.
"""

import base64
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HANG = "hang"
DROP = "drop"


@dataclass
class Received:
    """A mail, and what was said before it; addresses as they came, in angle brackets."""

    hello: str
    sender: str
    recipients: list[str]
    octets: bytes
    in_tls: bool
    login: tuple[str, str] | None


@dataclass
class Dialogue:
    """What is known of one connection."""

    hello: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    in_tls: bool = False
    login: tuple[str, str] | None = None


class TestMailServer(socketserver.ThreadingTCPServer):
    """`replies` replaces what it says to a command (or `banner`, `.`): a line, HANG or DROP."""

    __test__ = False
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.tls = tls
        self.in_tls_from_the_start = False
        self.extensions = ["SIZE 10000000", "8BITMIME", "STARTTLS", "AUTH PLAIN"]
        self.replies: dict[str, str] = {}
        self.received: list[Received] = []
        self.commands: list[str] = []
        self.released = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Conversation(socketserver.BaseRequestHandler):
    server: TestMailServer

    def handle(self) -> None:
        self._connection = self.request
        self._said = Dialogue()
        try:
            if self.server.in_tls_from_the_start:
                self._begin_tls()
            self._file = self._connection.makefile("rb")
            self._reply("banner", "220 test ESMTP")
            while line := self._file.readline():
                self._obey(line.decode().rstrip("\r\n"))
        except (OSError, _OverError):
            pass
        finally:
            self._connection.close()

    def _obey(self, line: str) -> None:
        verb, _, argument = line.partition(" ")
        verb = verb.upper()
        self.server.commands.append(verb)
        match verb:
            case "EHLO":
                self._said.hello = argument
                self._reply(verb, *(f"250-{each}" for each in self._offers()), "250 HELP")
            case "STARTTLS":
                if self._reply(verb, "220 go ahead"):
                    self._begin_tls()
                    self._file = self._connection.makefile("rb")
                    self._said = Dialogue(in_tls=True)
            case "AUTH":
                self._log_in(argument)
            case "MAIL":
                self._said.sender = argument.removeprefix("FROM:").split(" ")[0]
                self._said.recipients = []
                self._reply(verb, "250 ok")
            case "RCPT":
                self._recipient(argument.removeprefix("TO:"))
            case "DATA":
                if self._reply(verb, "354 go on"):
                    self._take()
            case "QUIT":
                self._reply(verb, "221 bye")
                raise _OverError
            case _:
                self._reply(verb, "250 ok")

    def _offers(self) -> list[str]:
        over = "STARTTLS" if self._said.in_tls else ""
        return ["test", *(each for each in self.server.extensions if each != over)]

    def _log_in(self, argument: str) -> None:
        _, _, proof = argument.partition(" ")
        _, username, password = base64.b64decode(proof).decode().split("\0")
        self._said.login = username, password
        self._reply("AUTH", "235 welcome")

    def _recipient(self, address: str) -> None:
        reply = self.server.replies.get(address, "250 ok")
        if reply.startswith("250"):
            self._said.recipients.append(address)
        self._reply("RCPT", reply)

    def _take(self) -> None:
        lines = []
        while (line := self._file.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        said = self._said
        mail = b"".join(lines)
        self.server.received.append(
            Received(said.hello, said.sender, said.recipients, mail, said.in_tls, said.login)
        )
        self._reply(".", "250 taken")

    def _begin_tls(self) -> None:
        self._connection = self.server.tls.wrap_socket(self._connection, server_side=True)
        self._said.in_tls = True

    def _reply(self, to: str, *usual: str) -> bool:
        """Whether it said what is usual."""
        reply = self.server.replies.get(to)
        if reply == HANG:
            self.server.released.wait()
        if reply in (HANG, DROP):
            raise _OverError
        lines = usual if reply is None else (reply,)
        self._connection.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return reply is None


class _OverError(Exception):
    pass
