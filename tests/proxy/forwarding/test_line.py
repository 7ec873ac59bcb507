"""Who finds no connection free waits in line, or for a new one."""

import socket

import pytest

from proxy.forwarding.config import ForwardingConfig
from proxy.forwarding.connection import Connection
from proxy.forwarding.faults import Cause, Fault, Side, Stage
from proxy.forwarding.pool import FULL, LATE, Pool
from tests.inside import until
from tests.proxy.forwarding.ground import Ground, Hanging, Names, closed_port
from tests.proxy.forwarding.leasing import Asker, asking, leased, pool_at, port_of, state

REFUSED = Fault(Stage.CONNECT, Side.UPSTREAM, Cause.CLOSED)
TOO_SLOW = Fault(Stage.CONNECT, Side.UPSTREAM, Cause.LATE)
LONG = 60.0


async def test_who_finds_no_place_waits_in_line(pool: Pool) -> None:
    """The first to wait has the first that is given back, itself and not a new one."""
    one, two = await leased(pool, 2)
    third, fourth = asking(pool), asking(pool)
    assert state(pool) == (2, 0, 2)
    two.give_back()
    assert third.connection is two.connection
    one.give_back()
    assert fourth.connection is one.connection
    assert (state(pool), pool.opened) == ((2, 0, 0), 2)


async def test_the_line_is_bounded(pool: Pool) -> None:
    one, _ = await leased(pool, 2)
    waiting = [asking(pool) for _ in range(2)]
    turned_away = asking(pool)
    assert turned_away.fault == FULL
    one.give_back()
    assert [asker.told for asker in waiting] == [True, False]
    assert asking(pool).fault is None
    assert state(pool) == (2, 0, 2)


async def test_a_dropped_connection_makes_room_for_a_new_one(pool: Pool) -> None:
    one, _ = await leased(pool, 2)
    third = asking(pool)
    one.drop()
    assert state(pool) == (2, 0, 0)
    assert await third.got() is not one.connection
    assert (state(pool), pool.opened) == ((2, 0, 0), 3)


async def test_waiting_is_timed(around: Ground, door: socket.socket) -> None:
    pool = pool_at(around, port_of(door), pool_size=1, connect_timeout=0.1)
    (one,) = await leased(pool, 1)
    waiting = [asking(pool) for _ in range(3)]
    for asker in waiting:
        assert await asker.failed() == LATE
    assert state(pool) == (1, 0, 0)
    later = asking(pool)
    assert await later.failed() == LATE
    one.give_back()
    assert state(pool) == (1, 1, 0)


async def test_each_has_its_own_time(around: Ground, door: socket.socket) -> None:
    pool = pool_at(around, port_of(door), pool_size=1, connect_timeout=0.5)
    (one,) = await leased(pool, 1)
    first = asking(pool)
    pool.config = ForwardingConfig(pool_size=1, connect_timeout=LONG)
    second = asking(pool)
    assert await first.failed() == LATE
    assert (second.told, state(pool)) == (False, (1, 0, 1))
    one.give_back()
    assert second.connection is one.connection


async def test_the_clock_is_left_alone_when_nobody_waits(
    around: Ground, door: socket.socket
) -> None:
    pool = pool_at(around, port_of(door), pool_size=1, connect_timeout=0.1)
    (one,) = await leased(pool, 1)
    assert pool not in around.clock._timed
    waiting = asking(pool)
    assert pool in around.clock._timed
    assert await waiting.failed() == LATE
    await until(lambda: pool not in around.clock._timed)
    one.drop()


async def test_who_withdraws_is_not_called(pool: Pool) -> None:
    one, two = await leased(pool, 2)
    third, fourth = asking(pool), asking(pool)
    pool.withdraw(third)
    pool.withdraw(third)
    assert state(pool) == (2, 0, 1)
    one.give_back()
    assert (third.told, fourth.connection) == (False, one.connection)
    pool.withdraw(fourth)  # it has one already
    two.give_back()
    assert state(pool) == (2, 1, 0)


async def test_who_withdraws_while_connecting_leaves_its_place_to_the_next(
    around: Ground, door: socket.socket
) -> None:
    names = Names("127.0.0.1")
    names.open.clear()
    pool = pool_at(around, port_of(door), names, pool_size=1)
    first, second, third = (asking(pool) for _ in range(3))
    assert state(pool) == (1, 0, 2)
    pool.withdraw(first)
    assert state(pool) == (1, 0, 1)
    names.open.set()
    await second.got()
    assert (first.told, third.told) == (False, False)
    pool.withdraw(third)
    second.drop()
    assert state(pool) == (0, 0, 0)


# connecting


async def test_refused(around: Ground) -> None:
    pool = pool_at(around, closed_port(), pool_size=1)
    askers = [asking(pool) for _ in range(4)]
    for asker in askers:
        assert await asker.failed() == REFUSED
    assert (state(pool), pool.opened) == ((0, 0, 0), 0)


async def test_too_slow(around: Ground, hanging: Hanging) -> None:
    pool = pool_at(around, hanging.port, pool_size=1, connect_timeout=0.2)
    asker = asking(pool)
    assert await asker.failed() == TOO_SLOW
    assert state(pool) == (0, 0, 0)


@pytest.mark.parametrize("place", ["connecting", "in line"])
async def test_a_name_that_leads_nowhere(around: Ground, place: str) -> None:
    """However many wait for it: each of them is told."""
    names = Names()
    names.open.clear()
    number = 1000
    size = 1 if place == "in line" else number
    pool = pool_at(around, 80, names, pool_size=size, pool_waiting=number)
    askers = [asking(pool) for _ in range(number)]
    names.open.set()
    for asker in askers:
        assert await asker.failed() == REFUSED
    assert state(pool) == (0, 0, 0)


class AskingAgain(Asker):
    """Asks once more when it is told that there is no connection."""

    again = 3

    def lease_failed(self, fault: Fault) -> None:
        if self.again:
            self.again -= 1
            self.pool.lease(self)
        else:
            super().lease_failed(fault)


async def test_who_is_told_may_ask_again_at_once(around: Ground) -> None:
    pool = pool_at(around, closed_port(), pool_size=1, pool_waiting=1)
    first = AskingAgain(pool)
    pool.lease(first)
    second = asking(pool)
    assert await first.failed() == REFUSED
    assert await second.failed() == REFUSED
    assert (first.again, state(pool)) == (0, (0, 0, 0))


class GivingBack(Asker):
    """Needs its connection no longer than a call."""

    def leased(self, connection: Connection) -> None:
        super().leased(connection)
        self.give_back()


async def test_who_is_called_may_give_back_at_once(pool: Pool) -> None:
    one, _ = await leased(pool, 2)
    waiting = [GivingBack(pool), GivingBack(pool)]
    for asker in waiting:
        pool.lease(asker)
    one.give_back()
    assert {asker.connection for asker in waiting} == {one.connection}
    assert state(pool) == (2, 1, 0)
