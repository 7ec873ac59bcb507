"""What an application must not say, and applications that fail."""

import asyncio

import pytest

from proxy.server.asgi import Message, Receive, Send
from tests.inside import inside, native
from tests.proxy.http.ends import EndedError, TruncatedError
from tests.proxy.server.applications import (
    GET,
    Fields,
    Work,
    answer_of,
    body,
    doing,
    request,
    saying,
    start,
    streamed,
    whole,
)

OWN_500 = b"500 Internal Server Error\n"
TEN: Fields = ((b"content-length", b"10"),)


BAD_FIELDS = [
    (b"x-a", b"1\r\nX-Injected: 2"),
    (b"x-a", b"1\nX-Injected: 2"),
    (b"x-a", b"1\rX-Injected: 2"),
    (b"x-a", b"1\r\n"),
    (b"x-a", b"a\0b"),
    (b"x-a\r\nx-injected", b"2"),
    (b"x-a: 1\r\nx-injected", b"2"),
    (b"x-a\0", b"1"),
    (b"", b"no name"),
    (b"x a", b"a space in the name"),
    (b"x-a:", b"a colon in the name"),
    (b"content-length", b"two"),
    (b"content-length", b"+2"),
    (b"content-length", b"-2"),
    (b"content-length", b"2, 2"),
    (b"content-length", b"1_0"),
]


@pytest.mark.parametrize("field", BAD_FIELDS, ids=repr)
async def test_a_field_that_is_none_is_a_fault_of_the_application(
    field: tuple[bytes, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answer_of(whole(b"ok", headers=[field]))
    assert (answer.status, answer.body) == (500, OWN_500)
    assert answer.values(b"x-injected") == []
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_so_are_two_lengths(caplog: pytest.LogCaptureFixture) -> None:
    lengths = [(b"content-length", b"2"), (b"Content-Length", b"2")]
    answer = await answer_of(whole(b"ok", headers=lengths))
    assert (answer.status, answer.body) == (500, OWN_500)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [b"012345678", b"0123456789a", b""])
async def test_so_is_a_length_that_is_not_that_of_the_body(
    content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await answer_of(whole(content, headers=TEN))
    assert (answer.status, answer.body) == (500, OWN_500)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("pieces", [(b"01234", b"5678"), (b"",)])
async def test_an_answer_that_ends_too_early_is_cut_off(
    pieces: tuple[bytes, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(TruncatedError) as cut:
        await answer_of(streamed(*pieces, headers=TEN))
    assert cut.value.how == "reset"
    assert len(caplog.records) == 1


async def test_no_octet_goes_beyond_the_length(caplog: pytest.LogCaptureFixture) -> None:
    """What went out before is right; what is too much never does."""
    async with inside(native(streamed(b"01234", b"567890", headers=TEN))) as server:
        client = await server.client(GET)
        assert (await client.head()).value(b"content-length") == b"10"
        assert await client.gone() == "reset"
        assert bytes(client.received).partition(b"\r\n\r\n")[2] in (b"01234", b"")
    assert len(caplog.records) == 1


# applications that fail


async def fail(_receive: Receive, _send: Send) -> None:
    raise RuntimeError("the reason is for the log alone")


async def await_what_was_cancelled(_receive: Receive, _send: Send) -> None:
    """As a handler does that shares work with another whose client left."""
    shared = asyncio.get_running_loop().create_future()
    shared.cancel()
    await shared


async def fail_after_the_start(_receive: Receive, send: Send) -> None:
    await send(start(201, [(b"x-a", b"1")]))
    raise RuntimeError


async def end_without_an_answer(_receive: Receive, _send: Send) -> None:
    return


async def end_after_the_start(_receive: Receive, send: Send) -> None:
    await send(start(201))


async def body_without_a_start(_receive: Receive, send: Send) -> None:
    await send(body(b"hello"))


@pytest.mark.parametrize(
    ("work", "logged"),
    [
        (fail, 1),
        (await_what_was_cancelled, 1),
        (fail_after_the_start, 1),
        (body_without_a_start, 1),
        (end_without_an_answer, 0),
        (end_after_the_start, 0),
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
async def test_a_failure_before_the_answer_is_500(
    method: bytes, work: Work, logged: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with inside(native(doing(work))) as server:
        client = await server.client(request(method), request(method))
        for number in (1, 2):
            answer = await client.answer(method.decode())
            assert (answer.status, answer.values(b"x-a")) == (500, [])
            assert answer.value(b"content-length") == b"%d" % len(OWN_500)
            assert answer.body == (b"" if method == b"HEAD" else OWN_500)
            assert (await server.records.ended(number)).status == 500
        assert client.silent()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["the application failed"] * 2 * logged


async def fail_in_the_middle(_receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"half", more=True))
    raise RuntimeError


async def end_in_the_middle(_receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"half", more=True))


@pytest.mark.parametrize("work", [fail_in_the_middle, end_in_the_middle])
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_failure_in_the_middle_never_looks_whole(version: bytes, work: Work) -> None:
    async with inside(native(doing(work))) as server:
        client = await server.client(request(version=version))
        with pytest.raises(EndedError) as cut:
            await client.answer()
        assert cut.value.how == "reset"
        ended = await server.records.ended()
        assert ended.status == 200
        assert ended.fault == ("receive_body", "proxy", "closed")
        await server.ours(0)


async def test_what_comes_after_the_end_is_ignored(caplog: pytest.LogCaptureFixture) -> None:
    async def work(_receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"ok"))
        await send(body(b"too late"))
        raise RuntimeError

    async with inside(native(doing(work))) as server:
        client = await server.client(GET, GET)
        for _ in range(2):
            assert (await client.answer()).body == b"ok"
        assert client.silent()
    assert [record.getMessage() for record in caplog.records] == ["the application failed"] * 2


async def test_unknown_messages_are_ignored() -> None:
    pushed: Message = {"type": "http.response.push", "path": "/a", "headers": []}
    answer = await answer_of(saying(pushed, start(), pushed, body(b"ok")))
    assert (answer.status, answer.body) == (200, b"ok")
