"""One socket: what is sent, what waits, in which order, and what is read."""

import socket

import pytest

from proxy.net.clock import NEVER, Clock
from proxy.net.link import watch_for_silence
from tests.proxy.net.ground import MUCH, Ground, Owner, Peer, blocked

# sending


def test_what_the_kernel_takes_goes_at_once(ground: Ground) -> None:
    owner, peer = ground.owner()
    for piece in (b"a", b"bc", b""):
        owner.write(piece)
        assert owner.waiting == 0
    assert peer.sock.recv(10) == b"abc"
    ground.settle()
    assert owner.told == []


def test_the_rest_waits_for_the_other_end(ground: Ground) -> None:
    owner, peer, gone = blocked(ground)
    ground.settle()
    assert owner.waiting == len(MUCH) - gone
    assert peer.takes(len(MUCH)) == MUCH
    ground.until(lambda: "drained" in owner.told)
    assert owner.waiting == 0
    assert set(owner.told[:-1]) <= {"progressed"}
    assert owner.told[-1] == "drained"


def test_what_is_written_while_some_waits_comes_behind_it(ground: Ground) -> None:
    owner, peer, gone = blocked(ground)
    pieces = [b"%d," % number for number in range(1000)] + [b"", MUCH, b"the end"]
    for piece in pieces:
        before = owner.waiting
        owner.write(piece)
        assert owner.waiting == before + len(piece)
    said = MUCH + b"".join(pieces)
    assert owner.waiting == len(said) - gone
    assert peer.takes(len(said)) == said
    ground.until(lambda: owner.waiting == 0)
    ground.settle()
    assert owner.told.count("drained") == 1
    assert owner.told[-1] == "drained"


def test_it_says_when_some_of_what_waits_is_taken(ground: Ground) -> None:
    """That the other end is alive, though it has not taken a whole piece."""
    owner, peer, gone = blocked(ground)
    taken = 0
    while not owner.told:
        taken += len(peer.takes(1))
        ground.settle()
    assert owner.told[0] == "progressed"
    assert 0 < owner.waiting < len(MUCH) - gone
    assert taken < len(MUCH)


def test_when_nothing_is_taken_all_of_it_waits(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    peer.takes(len(MUCH))
    ground.until(lambda: owner.waiting == 0)
    while True:  # as full as can be
        try:
            owner.sock.send(b"x" * 1000)
        except BlockingIOError:
            break
    owner.write(b"the end")
    assert owner.waiting == 7
    ground.until(lambda: peer.reads() and owner.waiting == 0)
    owner.end()
    peer.ended()
    assert peer.came.endswith(b"xthe end")


def test_tls_that_cannot_send_now_is_no_failure(ground: Ground) -> None:
    """Nor does it forget what it has encrypted: it wants to be given the same again."""
    owner, peer = ground.owner()
    send, told = owner.send, [BlockingIOError, BlockingIOError]

    def not_yet(data: bytes | memoryview) -> int:
        assert data == b"hello"
        if told:
            raise told.pop()
        return send(data)

    owner.send = not_yet
    owner.write(b"hello")
    assert owner.waiting == 5
    assert peer.takes(5) == b"hello"
    ground.until(lambda: owner.told == ["drained"])
    assert told == []


def test_who_is_drained_is_left_alone(ground: Ground) -> None:
    """A socket can nearly always be written to: to be told of that would be endless work."""
    calls: list[int] = []

    class Counted(Owner):
        __slots__ = ()

        def _ready(self, events: int) -> None:
            calls.append(events)
            super()._ready(events)

    ours, theirs = ground.tcp()
    owner, peer = Counted(ours, ground.poller, ground.clock), Peer(theirs, ground)
    owner.write(MUCH)
    assert peer.takes(len(MUCH)) == MUCH
    ground.until(lambda: "drained" in owner.told)
    before = len(calls)
    ground.settle()
    assert len(calls) == before > 0


def test_who_is_drained_may_go_on(ground: Ground) -> None:
    class Endless(Owner):
        __slots__ = ()

        def drained(self) -> None:
            super().drained()
            if len(self.came) < 3:
                self.came += b"."
                self.write(MUCH)

    ours, theirs = ground.tcp()
    owner, peer = Endless(ours, ground.poller, ground.clock), Peer(theirs, ground)
    owner.write(MUCH)
    assert peer.takes(4 * len(MUCH)) == MUCH * 4
    ground.until(lambda: owner.told.count("drained") == 4)
    assert owner.waiting == 0


# reading


def test_what_comes_is_read(ground: Ground) -> None:
    owner, peer = ground.owner()
    peer.say(b"hello")
    ground.until(lambda: owner.came == b"hello")
    assert owner.told == ["read"]
    peer.sock.close()
    ground.until(lambda: "ended" in owner.told)


def test_who_is_paused_reads_nothing_and_the_other_end_waits(ground: Ground) -> None:
    owner, peer = ground.owner(tcp=True)
    owner.pause()
    said = peer.says_all(MUCH)
    assert said < len(MUCH)
    assert owner.told == []
    owner.resume()
    ground.until(lambda: len(owner.came) == said)
    assert owner.came == MUCH[:said]


def test_who_is_paused_still_sends(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    owner.pause()
    peer.say(b"hello")
    assert peer.takes(len(MUCH)) == MUCH
    ground.until(lambda: "drained" in owner.told)
    assert owner.came == b""
    owner.resume()
    ground.until(lambda: owner.came == b"hello")


def test_who_reads_on_still_sends(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    owner.pause()
    owner.resume()
    assert peer.takes(len(MUCH)) == MUCH
    ground.until(lambda: "drained" in owner.told)


def test_both_at_once(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    peer.say(b"hello")
    ground.until(lambda: owner.came == b"hello")
    assert peer.takes(len(MUCH)) == MUCH
    ground.until(lambda: owner.waiting == 0)


def test_pausing_twice_is_once(ground: Ground) -> None:
    owner, peer = ground.owner()
    paused = [owner.paused]
    for step in (owner.pause, owner.pause, owner.resume, owner.resume, owner.pause):
        step()
        paused.append(owner.paused)
    assert paused == [False, True, True, False, False, True]
    owner.resume()
    peer.say(b"hello")
    ground.until(lambda: owner.came == b"hello")
    owner.resume()
    owner.pause()
    peer.say(b"hello")
    ground.settle()
    assert owner.told == ["read"]


# silence


def test_the_kernel_asks_after_silent_ends() -> None:
    """Of accepted sockets too, as they inherit what the listening one was told."""
    with socket.socket() as door, socket.socket() as client:
        watch_for_silence(door)
        door.bind(("127.0.0.1", 0))
        door.listen()
        client.connect(door.getsockname())
        accepted, _ = door.accept()
        with accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
            known = [getattr(socket, name) for name in names if hasattr(socket, name)]
            told = [accepted.getsockopt(socket.IPPROTO_TCP, option) for option in known]
            assert told == [60, 15, 4][: len(told)]


def test_where_the_kernel_cannot_be_told_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_KEEPIDLE", raising=False)
    with socket.socket() as sock:
        watch_for_silence(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 4


def test_the_clock_knows_every_link(ground: Ground) -> None:
    clock = Clock(ground.loop)
    sock, _ = ground.pair()
    owner = Owner(sock, ground.poller, clock)
    assert (owner.due, clock._timed) == (NEVER, {owner})
    owner.close()
    assert clock._timed == set()
    clock.stop()
