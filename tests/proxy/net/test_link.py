"""One socket: what is sent, what waits, in which order, and how it ends."""

import socket
import ssl
from typing import Any

import pytest

from proxy.net.clock import NEVER, Clock
from proxy.net.link import Link, watch_for_silence
from proxy.net.poller import READ, WRITE, LoopPoller
from tests.proxy.net.ground import Ground, Owner, Peer

MUCH = bytes(range(256)) * 1024
"""More than the kernel takes at once."""

ERROR = 8
"""EPOLLERR."""


def blocked(ground: Ground) -> tuple[Owner, Peer, int]:
    """An owner who has said `MUCH`, of which so many octets are gone."""
    owner, peer = ground.owner(tcp=True)
    owner.write(MUCH)
    gone = len(MUCH) - owner.waiting
    assert 0 < gone < len(MUCH)
    return owner, peer, gone


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


@pytest.mark.parametrize("error", [ssl.SSLWantReadError, ssl.SSLWantWriteError])
def test_tls_that_cannot_send_now_is_no_failure(ground: Ground, error: type[OSError]) -> None:
    owner, peer = ground.owner()
    send, told = owner.send, [error, error]

    def not_yet(data: Any, flags: int = 0, /) -> int:
        if told:
            raise told.pop()
        return send(data, flags)

    owner.send = not_yet
    owner.write(b"hello")
    assert owner.waiting == 5
    assert peer.takes(5) == b"hello"
    ground.until(lambda: owner.told == ["drained"])
    assert told == []


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


# ending in order


def test_an_end_is_seen_and_the_other_direction_goes_on(ground: Ground) -> None:
    owner, peer = ground.owner(tcp=True)
    owner.write(b"bye")
    owner.end()
    assert peer.ended() == "closed"
    assert peer.came == b"bye"
    peer.say(b"and you")
    ground.until(lambda: owner.came == b"and you")
    assert not owner.closed
    owner.end()
    ground.settle()
    assert owner.told == ["read"]


def test_an_end_waits_for_what_waits(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    owner.write(b"the end")
    owner.end()
    owner.end()
    assert peer.ended() == "closed"
    assert peer.came == MUCH + b"the end"
    assert owner.waiting == 0
    assert not owner.closed
    assert "drained" not in owner.told


def test_to_end_what_is_closed_is_nothing(ground: Ground) -> None:
    owner, _ = ground.owner()
    owner.close()
    owner.end()
    owner.abort()
    assert owner.told == []


# closing at once


def test_closing_drops_what_waits(ground: Ground) -> None:
    owner, peer, gone = blocked(ground)
    owner.due = 1.0
    owner.close()
    assert (owner.closed, owner.waiting, owner.due) == (True, 0, NEVER)
    assert owner.sock.fileno() == -1
    assert owner not in ground.clock._timed
    assert owner.fd not in ground.poller._ready
    assert peer.ended() == "closed"
    assert peer.came == MUCH[:gone]
    owner.close()
    ground.settle()
    assert owner.told == []


def test_what_is_closed_takes_no_more_and_says_so(ground: Ground) -> None:
    owner, _ = ground.owner()
    owner.close()
    owner.pause()
    owner.resume()
    owner.write(b"hello")
    assert owner.told == ["lost"]
    assert owner.waiting == 0


def test_an_abort_is_a_reset_at_the_other_end(ground: Ground) -> None:
    """Else what came would look like the whole."""
    owner, peer = ground.owner(tcp=True)
    owner.write(b"half of i")
    owner.abort()
    assert owner.closed
    assert peer.ended() == "reset"


def test_so_is_one_with_octets_that_wait(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    owner.end()
    owner.abort()
    assert peer.ended() == "reset"
    assert len(peer.came) < len(MUCH)


# the other end fails


def reset(peer: Peer) -> None:
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.sock.close()


def test_a_reset_is_seen(ground: Ground) -> None:
    owner, peer = ground.owner(tcp=True)
    reset(peer)
    ground.until(lambda: owner.closed)
    assert owner.told == ["lost"]


def test_a_reset_is_seen_while_octets_wait(ground: Ground) -> None:
    owner, peer, _ = blocked(ground)
    owner.pause()
    reset(peer)
    ground.until(lambda: owner.closed)
    assert owner.told == ["lost"]
    assert owner.waiting == 0


def test_a_reset_is_seen_while_paused(epolled: Ground) -> None:
    owner, peer = epolled.owner(tcp=True)
    owner.pause()
    peer.say(b"unread")
    reset(peer)
    epolled.until(lambda: owner.closed)
    assert owner.told == ["lost"]


@pytest.mark.parametrize("poller", [LoopPoller], indirect=True)
def test_without_epoll_it_is_seen_when_reading_goes_on(ground: Ground) -> None:
    owner, peer = ground.owner(tcp=True)
    owner.pause()
    reset(peer)
    ground.settle()
    assert owner.told == []
    owner.resume()
    ground.until(lambda: owner.closed)
    assert owner.told == ["lost"]


def test_an_end_is_no_failure_while_paused(ground: Ground) -> None:
    """It has said all; what it said is still to be read."""
    owner, peer = ground.owner(tcp=True)
    owner.pause()
    peer.say(b"bye")
    peer.sock.shutdown(socket.SHUT_WR)
    ground.settle()
    assert owner.told == []
    owner.resume()
    ground.until(lambda: "ended" in owner.told)
    assert owner.came == b"bye"


def test_writing_to_one_that_is_gone(ground: Ground) -> None:
    owner, peer = ground.owner()
    peer.sock.close()
    owner.write(b"hello")
    assert owner.told == ["lost"]
    assert owner.closed


def test_ending_towards_one_that_is_gone(ground: Ground) -> None:
    owner, peer = ground.owner(tcp=True)
    owner.pause()
    reset(peer)
    owner.end()
    assert owner.told == ["lost"]
    assert owner.closed


# events that mean nothing any more


def test_needless_calls_do_no_harm(ground: Ground) -> None:
    """The number of a closed descriptor may be another's already."""
    owner, _ = ground.owner()
    owner._ready(WRITE)
    assert owner.told == []
    owner._ready(READ)
    owner._ready(READ | WRITE)
    assert owner.told == ["nothing", "nothing"]
    owner.pause()
    owner._ready(READ)
    assert owner.told == ["nothing", "nothing"]
    owner._ready(ERROR)
    assert owner.told == ["nothing", "nothing", "lost"]
    for events in (READ, WRITE, ERROR, READ | WRITE | ERROR):
        owner._ready(events)
    assert owner.told[3:] == []


# owners that fail


@pytest.mark.parametrize("hook", ["read", "drained", "progressed"])
def test_an_owner_that_raises_loses_its_own_connection(
    ground: Ground, caplog: pytest.LogCaptureFixture, hook: str
) -> None:
    owner, peer, _ = blocked(ground)
    other, friend = ground.owner()
    owner.fails = {hook}
    if hook == "read":
        peer.say(b"hello")
    else:
        ground.until(lambda: peer.reads() and owner.closed)
    ground.until(lambda: owner.closed)
    assert owner.told[-2:] == [hook, "lost"]
    (record,) = caplog.records
    assert (record.name, record.getMessage()) == ("proxy.net.link", "a connection's owner failed")
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)
    friend.say(b"hello")
    ground.until(lambda: other.came == b"hello")


def test_what_an_owner_must_say_and_what_it_may(ground: Ground) -> None:
    sock, _ = ground.pair()
    link = Link(sock, ground.poller, ground.clock)
    link.drained()
    link.progressed()
    with pytest.raises(NotImplementedError):
        link.read()
    with pytest.raises(NotImplementedError):
        link.late(0.0)
    link.lost()
    assert link.closed


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
