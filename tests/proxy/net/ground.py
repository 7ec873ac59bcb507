"""Real sockets on a loop that runs only while a test waits, and one who owns a link."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from proxy.net.clock import Clock
from proxy.net.link import RECEIVE, Link
from proxy.net.poller import Poller
from tests.inside import until

SMALL = 4096
"""Octets that the kernel should hold, so that more has to wait; it holds some more all the same."""

MUCH = bytes(range(256)) * 1024
"""More than the kernel takes at once."""

MEBIBYTE = 1024 * 1024


class Owner(Link):
    """Writes down what it is told. What is put into `fails` raises."""

    __slots__ = ("came", "fails", "told")

    def __init__(self, sock: socket.socket, poller: Poller, clock: Clock) -> None:
        super().__init__(sock, poller, clock)
        self.came = b""
        self.told: list[str] = []
        self.fails: set[str] = set()

    def _tell(self, what: str) -> None:
        self.told.append(what)
        if what in self.fails:
            raise ValueError(what)

    def read(self) -> None:
        try:
            data = self.receive(RECEIVE)
        except BlockingIOError:
            self.told.append("nothing")
            return
        except OSError:
            self.lost()
            return
        self.came += data
        self._tell("read" if data else "ended")
        if not data:
            self.pause()

    def drained(self) -> None:
        super().drained()
        self._tell("drained")

    def progressed(self) -> None:
        super().progressed()
        self._tell("progressed")

    def lost(self) -> None:
        self.told.append("lost")
        super().lost()


class Ground:
    """At its end nothing that stood on it is left open."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        poller: Callable[[asyncio.AbstractEventLoop], Poller],
    ) -> None:
        self.loop = loop
        self.poller = poller(loop)
        self.clock = Clock(loop)
        self.failures: list[str] = []
        self._socks: list[socket.socket] = []
        loop.set_exception_handler(self._note)

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        self.failures.append(str(context["message"]))

    def until(self, holds: Callable[[], bool]) -> None:
        """Let the loop run until that is so."""
        self.loop.run_until_complete(until(holds))

    def settle(self) -> None:
        """Let everything happen that is due: what a later socket says has come, too."""
        ours, theirs = self.pair()
        came: list[int] = []
        self.poller.add(ours.fileno(), came.append)
        for _ in range(3):
            came.clear()
            theirs.send(b"x")
            self.until(lambda: bool(came))
            ours.recv(1)
        self.poller.remove(ours.fileno())

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """Two ends in this process, neither of which blocks."""
        return self._kept(*socket.socketpair())

    def tcp(self) -> tuple[socket.socket, socket.socket]:
        """Two ends of a TCP connection between which the kernel holds little."""
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            door.bind(("127.0.0.1", 0))
            door.listen()
            ours = socket.socket()
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
            ours.connect(door.getsockname())
            theirs, _ = door.accept()
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        for sock in (ours, theirs):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._kept(ours, theirs)

    def _kept(
        self, ours: socket.socket, theirs: socket.socket
    ) -> tuple[socket.socket, socket.socket]:
        for sock in (ours, theirs):
            sock.setblocking(False)
        self._socks += (ours, theirs)
        return ours, theirs

    def owner(self, *, tcp: bool = False) -> tuple[Owner, "Peer"]:
        """A link, and who is at its other end."""
        ours, theirs = self.tcp() if tcp else self.pair()
        return Owner(ours, self.poller, self.clock), Peer(theirs, self)

    def close(self) -> None:
        for one in tuple(self.clock._timed):
            if isinstance(one, Link):
                one.close()
        for sock in self._socks:
            sock.close()
        self.clock.stop()
        self.poller.close()


class Peer:
    """The other end, by hand."""

    def __init__(self, sock: socket.socket, ground: Ground) -> None:
        self.sock = sock
        self._ground = ground
        self.came = bytearray()
        self.how = ""

    def say(self, octets: bytes) -> None:
        """Few enough for the kernel to take."""
        assert self.sock.send(octets) == len(octets)

    def says_all(self, octets: bytes) -> int:
        """As many of them as get away, which are returned."""
        said = 0
        with suppress(BlockingIOError):
            while said < len(octets):
                said += self.sock.send(octets[said:])
                self._ground.settle()
        return said

    def takes(self, size: int) -> bytes:
        """So many octets, once they have come."""
        self._ground.until(lambda: self.reads(size - len(self.came)) and len(self.came) >= size)
        taken = bytes(self.came)
        self.came.clear()
        return taken

    def ended(self) -> str:
        """How the other end does: `closed` or `reset`; what comes before is in `came`."""
        self._ground.until(lambda: self.reads() and bool(self.how))
        return self.how

    def reads(self, most: int = MEBIBYTE) -> bool:
        """Take what is here into `came`; `how` is set at the end. True, for use in conditions."""
        with suppress(BlockingIOError):
            while not self.how and most > 0:
                try:
                    data = self.sock.recv(min(most, MEBIBYTE))
                except ConnectionResetError:
                    self.how = "reset"
                    break
                if not data:
                    self.how = "closed"
                self.came += data
                most -= len(data)
        return True


def blocked(ground: Ground) -> tuple[Owner, Peer, int]:
    """An owner who has said `MUCH`, of which so many octets are gone."""
    owner, peer = ground.owner(tcp=True)
    owner.write(MUCH)
    gone = len(MUCH) - owner.waiting
    assert 0 < gone < len(MUCH)
    return owner, peer, gone
