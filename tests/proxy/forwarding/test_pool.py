"""Connections to one upstream: bounded, reused when clean, all counted."""

import asyncio
import random
import socket
from time import monotonic

import pytest

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.pool import GONE, Pool
from tests.inside import until
from tests.proxy.forwarding.ground import Ground, Names, ended
from tests.proxy.forwarding.leasing import Asker, asking, leased, pool_at, port_of, state

LONG = 60.0


async def test_a_connection_is_opened_given_back_and_idle(pool: Pool, door: socket.socket) -> None:
    assert state(pool) == (0, 0, 0)
    asker = asking(pool)
    assert state(pool) == (1, 0, 0)
    connection = await asker.got()
    assert connection.sock.getpeername() == door.getsockname()
    assert (pool.opened, pool.busy) == (1, 1)
    asker.give_back()
    assert (state(pool), pool.busy) == ((1, 1, 0), 0)
    assert pool.idle == [connection]
    assert monotonic() + LONG - 1 < connection.due < monotonic() + LONG


async def test_leasing_never_takes_an_idle_one_while_there_is_room(pool: Pool) -> None:
    """Who wants one looks at `idle` first; who leases wants one that was never used."""
    first = asking(pool)
    await first.got()
    first.give_back()
    second = asking(pool)
    assert await second.got() is not first.connection
    assert (state(pool), pool.opened) == ((2, 1, 0), 2)


async def test_with_all_places_idle_the_one_idle_longest_makes_room(
    around: Ground, pool: Pool, door: socket.socket
) -> None:
    askers = await leased(pool, 2)
    ends = [await around.accepted(door) for _ in range(2)]
    (end,) = [end for end in ends if end.getpeername() == askers[0].own]
    for asker in askers:
        asker.give_back()
    oldest, newest = pool.idle
    third = asking(pool)
    assert oldest.closed
    assert pool.idle == [newest]
    await ended(end)
    await third.got()
    assert state(pool) == (2, 1, 0)


async def test_the_last_used_is_on_top(pool: Pool) -> None:
    one, two = await leased(pool, 2)
    one.give_back()
    two.give_back()
    assert pool.idle == [one.connection, two.connection]


# what is given back


async def test_a_closed_connection_is_not_kept(pool: Pool) -> None:
    one, two = await leased(pool, 2)
    for asker in (one, two):
        assert asker.connection is not None
        asker.connection.close()
        asker.give_back()
    assert state(pool) == (0, 0, 0)


async def test_dropped_twice_it_counts_once(pool: Pool) -> None:
    one, two = await leased(pool, 2)
    third = asking(pool)
    for _ in range(3):
        one.drop()
    await third.got()
    assert state(pool) == (2, 0, 0)
    one.give_back()
    two.drop()
    assert state(pool) == (1, 0, 0)


async def test_an_idle_one_that_is_dropped_is_no_longer_idle(pool: Pool) -> None:
    (one,) = await leased(pool, 1)
    one.give_back()
    one.drop()
    assert state(pool) == (0, 0, 0)


async def test_one_that_is_let_go_stays_open_and_does_not_count(pool: Pool) -> None:
    one, _ = await leased(pool, 2)
    third = asking(pool)
    assert one.connection is not None
    for _ in range(2):
        pool.let_go(one.connection)
    await third.got()
    closed = one.connection.closed
    assert (closed, state(pool)) == (False, (2, 0, 0))
    one.drop()
    assert (one.connection.closed, state(pool)) == (True, (2, 0, 0))


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_an_idle_one_that_ends_or_speaks_is_dropped(
    around: Ground, pool: Pool, door: socket.socket, said: bytes
) -> None:
    """An answer to no question must not become the answer to the next."""
    (one,) = await leased(pool, 1)
    end = await around.accepted(door)
    one.give_back()
    if said:
        end.send(said)
    else:
        end.shutdown(socket.SHUT_WR)
    await until(lambda: state(pool) == (0, 0, 0))
    assert one.connection is not None
    assert one.connection.closed
    end.close()


async def test_idle_ones_expire(around: Ground, door: socket.socket) -> None:
    pool = pool_at(around, port_of(door), keepalive=0.1)
    (one,) = await leased(pool, 1)
    end = await around.accepted(door)
    one.give_back()
    assert state(pool) == (1, 1, 0)
    await ended(end)
    assert state(pool) == (0, 0, 0)


# changes


async def test_a_smaller_pool_shrinks_as_connections_end(pool: Pool) -> None:
    one, two = await leased(pool, 2)
    pool.config = ForwardingConfig(pool_size=1, pool_waiting=1, keepalive=LONG)
    third = asking(pool)
    one.drop()
    await third.got()
    two.drop()
    third.drop()
    await leased(pool, 1)
    assert state(pool) == (1, 0, 0)
    asking(pool)
    assert state(pool) == (1, 0, 1)


async def test_closed_it_turns_away_who_waits_and_keeps_nothing(
    around: Ground, pool: Pool, door: socket.socket
) -> None:
    one, two = await leased(pool, 2)
    ends = [await around.accepted(door) for _ in range(2)]
    two.give_back()
    fourth = asking(pool)  # closes the idle one
    await fourth.got()
    ends.append(await around.accepted(door))
    waiting = asking(pool)
    pool.close()
    assert waiting.fault == GONE
    assert state(pool) == (2, 0, 0)
    one.give_back()
    fourth.give_back()
    assert state(pool) == (0, 0, 0)
    for end in ends:
        await ended(end)


async def test_closed_it_closes_what_is_idle(
    around: Ground, pool: Pool, door: socket.socket
) -> None:
    (one,) = await leased(pool, 1)
    one.give_back()
    pool.close()
    assert state(pool) == (0, 0, 0)
    await ended(await around.accepted(door))


async def test_closed_while_connecting(around: Ground, door: socket.socket) -> None:
    """A request that was on its way is still answered; its connection is not kept."""
    names = Names("127.0.0.1")
    names.open.clear()
    pool = pool_at(around, port_of(door), names, pool_size=1)
    asker = asking(pool)
    pool.close()
    names.open.set()
    await asker.got()
    asker.give_back()
    assert state(pool) == (0, 0, 0)
    await ended(await around.accepted(door))


# all of it


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_happens_no_place_is_lost(
    around: Ground, door: socket.socket, seed: int
) -> None:
    chance = random.Random(seed)
    names = Names("127.0.0.1")
    pool = pool_at(around, port_of(door), names, pool_size=4, pool_waiting=4, keepalive=LONG)
    askers: list[Asker] = []

    def happen() -> None:
        with_connection = [one for one in askers if one.connection is not None]
        waiting = [one for one in askers if not one.told]
        what = chance.randrange(7)
        if what <= 2:
            askers.append(asking(pool))
        elif what == 3 and waiting:
            gone = chance.choice(waiting)
            pool.withdraw(gone)
            askers.remove(gone)
        elif what >= 4 and with_connection:
            done = chance.choice(with_connection)
            askers.remove(done)
            if what == 4:
                done.drop()
            else:
                done.give_back()
        names.addresses = chance.choice([("127.0.0.1",), ("127.0.0.1",), ()])

    for _ in range(300):
        happen()
        if chance.random() < 0.5:
            await asyncio.sleep(0)
        askers = [one for one in askers if one.fault is None]
        held = sum(one.connection is not None for one in askers)
        waiting = sum(not one.told for one in askers)
        assert pool.open == held + len(pool.idle) + len(pool._dials) <= 4
        assert pool.waiting + len(pool._dials) == waiting
        assert pool.waiting == 0 or pool.open == 4
    pool.close()
    for one in askers:
        if one.connection is not None:
            one.drop()
        else:
            pool.withdraw(one)
    assert state(pool) == (0, 0, 0)
    assert not around.poller._ready
