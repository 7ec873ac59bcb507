"""Who is let in: as many as there is room for, from this worker's door and the others'."""

import asyncio
import errno
import socket

import pytest

from proxy.server.client import Client
from proxy.server.request import Request
from proxy.wire.answer import own_answer
from tests.inside import FRONT, STRANGER, Inside, inside, listening, native, until
from tests.proxy.http import ends
from tests.proxy.server.applications import GET, whole

OK = native(whole())


async def answered(client: ends.Client) -> bool:
    await client.say(GET)
    return (await client.answer()).status == 200


async def turns(number: int = 20) -> None:
    """The loop goes round so often: whoever is let in at once is in by then."""
    for _ in range(number):
        await asyncio.sleep(0)


# who comes


@pytest.mark.parametrize(("source", "trusted"), [(FRONT, True), (STRANGER, False)])
async def test_who_is_trusted(source: str, trusted: bool) -> None:
    async with inside(OK) as server:
        client = await server.client(source=source)
        (ours,) = await server.ours()
        assert (ours.peer, ours.trusted) == (source, trusted)
        assert ours.port == client.sock.getsockname()[1]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="IPv6 is not to be had here")
@pytest.mark.parametrize(("source", "trusted"), [(FRONT, True), (STRANGER, False)])
async def test_by_ipv4_at_a_door_for_both(source: str, trusted: bool) -> None:
    async with inside(OK, [listening(address="::")]) as server:
        assert await answered(await server.client(source=source))
        (ours,) = await server.ours()
        assert (ours.peer, ours.trusted) == (source, trusted)


async def test_answers_are_not_held_back_by_the_kernel() -> None:
    async with inside(OK) as server:
        await server.client()
        (ours,) = await server.ours()
        assert ours.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert not ours.sock.getblocking()


async def test_many_at_once() -> None:
    async with inside(OK) as server:
        clients = [server.knock() for _ in range(100)]
        await server.ours(100)
        assert all([await answered(client) for client in clients])


# room


async def test_no_more_than_there_is_room_for() -> None:
    async with inside(OK, max_connections=2) as server:
        clients = [server.knock() for _ in range(5)]
        for client in clients:
            await client.say(GET)
        await server.ours(2)
        await turns()
        assert len(server.serving.clients) == 2
        assert [client.silent() for client in clients[2:]] == [True] * 3
        while clients:
            first = clients.pop(0)
            assert (await first.answer()).status == 200
            first.close()
            await until(lambda: len(server.serving.clients) == min(2, len(clients)))


async def test_room_that_is_made_is_used_by_who_comes_later() -> None:
    async with inside(OK, max_connections=1) as server:
        for _ in range(5):
            client = await server.client()
            assert await answered(client)
            client.close()


async def test_while_there_is_no_room_nothing_spins() -> None:
    """Newcomers that wait do not wake the worker again and again."""
    async with inside(OK, max_connections=1) as server:
        await server.client()
        await server.ours()
        server.knock()
        await turns()
        assert server.port not in watched(server)


def watched(server: Inside) -> set[int]:
    """The ports of the doors that the worker is woken for."""
    fds = server.serving.poller._ready
    door = server.listener._own
    return {door.getsockname()[1]} if door.fileno() in fds else set()


# the others' doors


async def test_who_waits_at_the_door_of_another_is_taken_in_soon() -> None:
    own, other = listening(), listening()
    async with inside(OK, [own, other]) as server:
        client = await server.client(port=other.getsockname()[1])
        assert await answered(client)


async def test_but_not_where_there_is_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.server.listener.LOOK_ROUND", 0.0)
    own, other = listening(), listening()
    async with inside(OK, [own, other], max_connections=1) as server:
        first = await server.client()
        assert await answered(first)
        second = server.knock(other.getsockname()[1])
        await asyncio.sleep(0.25)
        assert len(server.serving.clients) == 1
        first.close()
        assert await answered(second)


# doors that fail


class Failing(socket.socket):
    """Raises these, one at a time, before it lets anybody in."""

    errors: list[OSError]
    tried = 0

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        self.tried += 1
        if self.errors:
            raise self.errors.pop(0)
        return super().accept()


def failing(*numbers: int) -> Failing:
    door = listening(Failing)
    assert isinstance(door, Failing)
    door.errors = [OSError(number, "as the test wants it") for number in numbers]
    return door


async def test_who_is_gone_before_being_let_in_keeps_nobody_out() -> None:
    door = failing(errno.ECONNABORTED, errno.ECONNRESET)
    async with inside(OK, [door]) as server:
        assert await answered(await server.client())
        assert door.tried == 4


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
async def test_without_a_descriptor_it_tries_again_later(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("proxy.server.listener.RETRY", 0.2)
    door = failing(number)
    async with inside(OK, [door]) as server:
        client = await server.client(GET)
        await until(lambda: door.tried == 1)
        await turns()
        assert (door.tried, server.serving.clients) == (1, set())
        assert (await client.answer()).status == 200
    assert [record.getMessage() for record in caplog.records] == ["no newcomer can be accepted"]


async def test_or_when_somebody_leaves(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("proxy.server.listener.RETRY", 60.0)
    door = failing()
    async with inside(OK, [door]) as server:
        first = await server.client()
        assert await answered(first)
        door.errors.append(OSError(errno.EMFILE, "no more"))
        second = await server.client(GET)
        await until(lambda: not door.errors)
        first.close()
        assert (await second.answer()).status == 200
    assert len(caplog.records) == 1


async def test_a_door_of_another_that_fails_is_survived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("proxy.server.listener.RETRY", 0.1)
    monkeypatch.setattr("proxy.server.listener.LOOK_ROUND", 0.1)
    own, other = listening(), failing(errno.EMFILE)
    async with inside(OK, [own, other]) as server:
        client = await server.client(GET, port=other.getsockname()[1])
        assert (await client.answer()).status == 200
        assert await answered(await server.client())
    assert len(caplog.records) == 1


# the end


async def drained(server: Inside) -> "asyncio.Task[bool]":
    """As a worker ends: no listening, then the drain."""
    server.listener.stop()
    task = asyncio.create_task(server.serving.drain(5))
    await turns(2)
    return task


async def test_at_the_end_who_already_waits_is_let_in_and_nobody_else() -> None:
    own, other = listening(), listening()
    ports = [door.getsockname()[1] for door in (own, other)]
    async with inside(OK, [own, other]) as server:
        waiting = [server.knock(port) for port in ports for _ in range(3)]
        drain = await drained(server)
        assert len(server.serving.clients) == 6
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                server.knock(port)
        for client in waiting:
            assert await answered(client)
            client.close()
        assert await drain


async def test_even_beyond_the_room_there_is() -> None:
    """They have connected, and would be reset."""
    async with inside(OK, max_connections=1) as server:
        first = await server.client()
        await server.ours()
        waiting = server.knock()
        drain = await drained(server)
        assert await answered(waiting)
        waiting.close()
        first.close()
        assert await drain


async def test_a_stopped_listener_does_not_begin_anew() -> None:
    async with inside(OK) as server:
        client = await server.client()
        assert await answered(client)
        server.listener.stop()
        client.close()
        await server.ours(0)
        await turns()


async def test_nor_does_one_that_had_no_room() -> None:
    async with inside(OK, max_connections=1) as server:
        client = await server.client()
        assert await answered(client)
        waiting = server.knock()
        await turns()
        drain = await drained(server)
        client.close()
        waiting.close()
        assert await drain


async def test_a_course_that_fails_harms_its_own_client_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(client: Client, request: Request) -> None:
        if request.path == b"/broken":
            raise RuntimeError
        request.status = 200
        client.send_own(*own_answer(200), head_only=False)

    async with inside(answer) as server:
        one, two = await server.client(), await server.client()
        await one.say(GET.replace(b" / ", b" /broken "))
        assert await one.gone() == "closed"
        await two.say(GET)
        assert (await two.answer()).status == 200
    assert [record.getMessage() for record in caplog.records] == ["a connection's owner failed"]
    caplog.clear()
