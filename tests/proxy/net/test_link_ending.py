"""How a link ends: in order, at once, or because somebody failed."""

import socket

import pytest

from proxy.net.clock import NEVER
from proxy.net.link import Link
from proxy.net.poller import READ, WRITE, LoopPoller
from tests.proxy.net.ground import MUCH, Ground, Peer, blocked

ERROR = 8
"""EPOLLERR."""


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
