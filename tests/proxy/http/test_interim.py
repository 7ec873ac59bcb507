"""Interim answers: they pass at once, to HTTP/1.1 clients only, and are never the final one."""

import asyncio

import pytest

from tests.proxy.http.ends import PATIENCE, Peer
from tests.proxy.http.harness import Harness, request
from tests.proxy.http.upstream import OK, answering_and_closing, in_pieces

pytestmark = pytest.mark.musts

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nlink: </b.js>\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
UNHEARD_OF = b"HTTP/1.1 199 Never Heard Of\r\nX-Any: 1\r\n\r\n"
SEQUENCES = {
    "103": [HINTS],
    "100": [CONTINUE],
    "102": [PROCESSING],
    "199": [UNHEARD_OF],
    "103 103": [HINTS, HINTS],
    "100 103 102": [CONTINUE, HINTS, PROCESSING],
    "ten": [HINTS] * 10,
}


@pytest.mark.must(21)
@pytest.mark.parametrize("size", [1, 40, 100_000])
@pytest.mark.parametrize("interim", SEQUENCES.values(), ids=SEQUENCES)
async def test_they_pass_before_the_final_one(
    harness: Harness, interim: list[bytes], size: int
) -> None:
    seen = await harness.exchange(request(), script=in_pieces(b"".join(interim) + OK, size))
    starts = [head.start for head in seen.answer.interim]
    assert starts == [one.partition(b"\r\n")[0] for one in interim]
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")


@pytest.mark.must(21)
async def test_their_fields_pass_but_for_those_of_one_connection(harness: Harness) -> None:
    hop = b"Connection: X-Gone, close\r\nX-Gone: 1\r\nKeep-Alive: 5\r\n\r\n"
    seen = await harness.exchange(request(), answer=HINTS[:-2] + hop + OK)
    (head,) = seen.answer.interim
    assert head.passed == [(b"Link", b"</a.css>; rel=preload"), (b"link", b"</b.js>")]
    assert head.values(b"connection") == []
    assert seen.answer.values(b"link") == []


@pytest.mark.must(21)
@pytest.mark.parametrize("interim", SEQUENCES.values(), ids=SEQUENCES)
async def test_none_reaches_an_http_1_0_client(harness: Harness, interim: list[bytes]) -> None:
    seen = await harness.exchange(request(version=b"1.0"), answer=b"".join(interim) + OK)
    assert seen.answer.interim == ()
    assert (seen.answer.status, seen.answer.body) == (200, b"ok")


@pytest.mark.must(21)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_they_pass_at_once(harness: Harness, method: bytes) -> None:
    seen = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(HINTS)
        await seen.wait()
        await peer.say(OK)

    harness.upstream.play(script)
    client = await harness.client()
    await client.say(request(method=method, body=b"hello"))
    assert (await client.head()).status == 103
    seen.set()
    assert (await client.answer()).status == 200


@pytest.mark.must(21)
@pytest.mark.parametrize("interim", SEQUENCES.values(), ids=SEQUENCES)
async def test_the_end_after_them_is_no_answer(harness: Harness, interim: list[bytes]) -> None:
    script = answering_and_closing(b"".join(interim))
    seen = await harness.exchange(request(method=b"POST"), script=script)
    assert (seen.answer.status, seen.answer.body) == (502, b"502 Bad Gateway\n")


@pytest.mark.must(21)
async def test_silence_after_them_is_no_answer(harness: Harness) -> None:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.say(HINTS)
        await peer.gone()

    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, len(seen.answer.interim)) == (504, 1)


@pytest.mark.must(21, 13)
@pytest.mark.parametrize(
    "switching",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
async def test_101_to_no_upgrade_is_no_answer(harness: Harness, switching: bytes) -> None:
    script = answering_and_closing(switching + OK)
    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.body) == (502, b"502 Bad Gateway\n")


@pytest.mark.must(21)
async def test_the_next_answer_on_the_connection_is_its_own(harness: Harness) -> None:
    async def script(peer: Peer) -> None:
        for number in range(3):
            await peer.request()
            body = b"%d" % number
            await peer.say(HINTS + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body)
        await asyncio.wait_for(peer.gone(), PATIENCE)

    harness.upstream.play(script)
    client = await harness.client()
    for number in range(3):
        await client.say(request())
        came = await client.answer()
        assert (len(came.interim), came.body) == (1, b"%d" % number)
    client.close()
