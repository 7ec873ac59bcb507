"""TLS over real sockets: whole both ways, whatever the kernel takes, and each end by itself."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress

import pytest
import trustme

from proxy.net.poller import READ, WRITE
from proxy.net.tls import SEALED, Secured
from tests.proxy.net.ground import MEBIBYTE, MUCH, SMALL

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
ADDED = 64
"""More octets than TLS adds to a record."""


class Server:
    """The other end, by hand: what it would say in ciphertext is ours to send, or not."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.sock = sock
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def sealed(self, octets: bytes) -> bytes:
        self._tls.write(octets)
        return self._outgoing.read()

    def alert(self) -> bytes:
        with suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        return self._outgoing.read()

    def sends(self, ciphertext: bytes) -> None:
        assert self.sock.send(ciphertext) == len(ciphertext)

    def shakes_hands(self) -> bytes:
        """A step, and what it would say to it. Raises `ssl.SSLError` where it is refused."""
        self._receive()
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        return self._outgoing.read()

    def takes(self) -> tuple[bytes, bool]:
        """What is here, and whether the close alert is."""
        self._receive()
        came = b""
        try:
            while piece := self._tls.read(MEBIBYTE):
                came += piece
        except ssl.SSLWantReadError:
            return came, False
        except ssl.SSLZeroReturnError:  # when its own is out
            pass
        return came, True

    def _receive(self) -> None:
        with suppress(BlockingIOError):
            while octets := self.sock.recv(MEBIBYTE):
                self._incoming.write(octets)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=VERSIONS, ids=["1.2", "1.3"])
def serving(request: pytest.FixtureRequest, authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = request.param
    authority.issue_cert("legacy.internal").configure_cert(context)
    return context


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Between them the kernel holds little."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for sock in (ours, theirs):
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL * 4)
        yield ours, theirs


@pytest.fixture
def strangers(
    ends: tuple[socket.socket, socket.socket], serving: ssl.SSLContext, authority: trustme.CA
) -> tuple[Secured, Server]:
    """Who have not shaken hands."""
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return Secured(ends[0], trusting, "legacy.internal"), Server(ends[1], serving)


@pytest.fixture
def pair(strangers: tuple[Secured, Server]) -> tuple[Secured, Server]:
    """Who have, but for tickets that the server may have sent last."""
    secured, server = strangers
    while awaited := secured.shake_hands():
        assert awaited == READ
        server.sends(server.shakes_hands())
    server.sends(server.shakes_hands())
    assert not secured.pending()
    return secured, server


Pair = tuple[Secured, Server]


def received(secured: Secured) -> bytes:
    """All that is here."""
    came = b""
    with suppress(BlockingIOError):
        while octets := secured.recv(SMALL):
            came += octets
    return came


def filled(sock: socket.socket) -> int:
    """Let the kernel take no more; octets that no TLS made, to be taken out again."""
    size = 0
    with suppress(BlockingIOError):
        while True:
            size += sock.send(b"x")
    return size


# shaking hands


def test_a_name_that_no_host_can_have(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(ValueError, match="idna"):
        Secured(ends[0], ssl.create_default_context(), ".internal")


def test_a_stranger_is_told_why(
    ends: tuple[socket.socket, socket.socket], serving: ssl.SSLContext
) -> None:
    secured = Secured(ends[0], ssl.create_default_context(), "legacy.internal")
    server = Server(ends[1], serving)
    assert secured.shake_hands() == READ
    server.sends(server.shakes_hands())
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        secured.shake_hands()
    with pytest.raises(ssl.SSLError, match="alert unknown ca"):
        server.shakes_hands()


def test_it_waits_for_the_kernel(strangers: Pair) -> None:
    secured, server = strangers
    size = filled(secured.sock)
    assert [secured.shake_hands(), secured.shake_hands()] == [WRITE, WRITE]
    assert server.sock.recv(MEBIBYTE) == b"x" * size
    assert secured.shake_hands() == READ
    server.sends(server.shakes_hands())
    while secured.shake_hands():
        server.sends(server.shakes_hands())
    assert secured.send(b"hello") == 5
    server.shakes_hands()
    assert server.takes() == (b"hello", False)


def test_an_end_amid_it(strangers: Pair) -> None:
    secured, server = strangers
    assert secured.shake_hands() == READ
    server.sock.close()
    with pytest.raises(OSError, match=r"close alert|reset"):
        secured.shake_hands()


# octets


def test_octets_pass_both_ways(pair: Pair) -> None:
    secured, server = pair
    assert secured.send(b"hello") == 5
    assert secured.send(memoryview(b"world")) == 5
    assert secured.send(b"") == 0
    assert server.takes() == (b"helloworld", False)
    server.sends(server.sealed(b"and") + server.sealed(b" you"))
    assert secured.recv(SMALL) == b"and you"
    with pytest.raises(BlockingIOError):
        secured.recv(SMALL)


def test_what_comes_octet_by_octet(pair: Pair) -> None:
    secured, server = pair
    came = []
    for octet in server.sealed(b"hello") + server.sealed(b"world"):
        server.sends(bytes([octet]))
        with suppress(BlockingIOError):
            came.append(secured.recv(SMALL))
    assert came == [b"hello", b"world"]


def test_what_the_kernel_does_not_take_is_sent_once(pair: Pair) -> None:
    """And little of it is encrypted before its time."""
    secured, server = pair
    said = MUCH + b"the end"
    gone, came = 0, b""
    while gone < len(said):
        try:
            gone += secured.send(memoryview(said)[gone:])
        except BlockingIOError:
            octets, _ = server.takes()
            assert octets
            came += octets
            assert gone - ADDED <= len(came) <= gone + SEALED
    came += server.takes()[0]
    assert came == said


# how it ends


@pytest.mark.parametrize("inside", ["a record", "half a record", "nothing"])
def test_our_end_leaves_what_they_say(pair: Pair, inside: str) -> None:
    """Before our alert, after it, and amid it."""
    secured, server = pair
    said = server.sealed(b"before")
    cut = {"a record": len(said), "half a record": 10, "nothing": 0}[inside]
    server.sends(said[:cut])
    if inside == "half a record":
        with pytest.raises(BlockingIOError):
            secured.recv(SMALL)
    secured.end()
    secured.end()
    assert server.takes() == (b"", True)
    server.sends(said[cut:] + server.sealed(b" after"))
    assert received(secured) == b"before after"
    server.sends(server.sealed(b" at last") + server.alert())
    assert secured.recv(SMALL) == b" at last"
    assert secured.pending()
    assert [secured.recv(SMALL), secured.recv(SMALL)] == [b"", b""]


def test_our_end_waits_for_the_kernel(pair: Pair) -> None:
    secured, server = pair
    size = filled(secured.sock)
    for _ in range(2):
        with pytest.raises(BlockingIOError):
            secured.end()
    assert server.sock.recv(MEBIBYTE) == b"x" * size
    secured.end()
    assert server.takes() == (b"", True)


def test_their_end_leaves_what_we_say(pair: Pair) -> None:
    secured, server = pair
    server.sends(server.alert())
    assert secured.recv(SMALL) == b""
    assert secured.send(b"hello") == 5
    secured.end()
    assert server.takes() == (b"hello", True)


def test_an_end_without_alert_is_a_fault(pair: Pair) -> None:
    secured, server = pair
    server.sends(server.sealed(b"half of i"))
    server.sock.close()
    assert secured.recv(SMALL) == b"half of i"
    for _ in range(2):
        with pytest.raises(ssl.SSLEOFError, match="without a close alert"):
            secured.recv(SMALL)


def test_what_was_tampered_with_is_a_fault(pair: Pair) -> None:
    """What came before it is not."""
    secured, server = pair
    sound, broken = server.sealed(b"sound"), server.sealed(b"broken")
    server.sends(sound + broken[:-1] + bytes([broken[-1] ^ 1]))
    assert secured.recv(SMALL) == b"sound"
    assert secured.pending()
    for _ in range(2):
        with pytest.raises(ssl.SSLError, match=r"bad record mac|decryption failed"):
            secured.recv(SMALL)


# whether all is quiet


def test_tickets_are_nothing(pair: Pair) -> None:
    secured, _ = pair
    assert secured.quiet()
    with pytest.raises(BlockingIOError):
        secured.recv(SMALL)
    assert secured.quiet()


def test_what_nobody_asked_for_is_kept(pair: Pair) -> None:
    secured, server = pair
    server.sends(server.sealed(b"hello"))
    assert not secured.quiet()
    assert secured.pending()
    assert not secured.quiet()
    assert secured.recv(SMALL) == b"hello"
    assert secured.quiet()


@pytest.mark.parametrize("alert", [True, False])
def test_an_end_is_not_quiet(pair: Pair, alert: bool) -> None:
    secured, server = pair
    if alert:
        server.sends(server.alert())
    else:
        server.sock.close()
    assert not secured.quiet()
    assert not secured.quiet()
