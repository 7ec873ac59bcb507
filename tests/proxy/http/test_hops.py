"""What tells of the hops of a message: Via, Max-Forwards, and the loop that they show."""

import pytest

from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import Harness, answer, request

pytestmark = pytest.mark.musts


def listed(values: list[bytes]) -> list[bytes]:
    """The members of a list field, from all its lines."""
    return [member.strip() for value in values for member in value.split(b",")]


@pytest.mark.must(3)
@pytest.mark.parametrize(
    "lines",
    [
        (b"Via: 1.1 %b",),
        (b"via: 1.0 %b",),
        (b"Via: 1.1 edge, 1.1 %b",),
        (b"Via: 1.1 %b, 1.1 edge",),
        (b"Via: 1.1 edge", b"Via: 1.1 %b (comment)"),
        (b"Via: HTTP/1.1 %b",),
        (b"Via: 1.1\t%b",),
    ],
)
async def test_our_own_name_in_via_is_a_loop(harness: Harness, lines: tuple[bytes, ...]) -> None:
    ours = [line.replace(b"%b", harness.pseudonym) for line in lines]
    before = await harness.faults("read_request/client/loop")
    came = await harness.ask(request(b"/loop", *ours))
    assert (came.status, came.body) == (508, b"508 Loop Detected\n")
    assert harness.upstream.heads == []
    line = await harness.line(path="/loop")
    assert (line["status"], line["fault"]) == (508, "read_request/client/loop")
    assert await harness.faults("read_request/client/loop") == before + 1


@pytest.mark.must(3)
async def test_a_real_loop_ends_at_its_first_return(harness: Harness) -> None:
    async def send_it_back(peer: Peer) -> None:
        head = await peer.head()
        client = await harness.client()
        await client.say(head.raw)
        again = await client.answer()
        await peer.say(answer(b"X-Again: %d" % again.status))

    seen = await harness.exchange(request(), script=send_it_back)
    assert seen.answer.value(b"x-again") == b"508"


@pytest.mark.must(3, 4)
@pytest.mark.parametrize(
    "via", [b"1.1 strangler", b"1.1 strangler-of-somebody-else", b"1.1 edge (strangler)"]
)
async def test_another_name_in_via_is_no_loop(harness: Harness, via: bytes) -> None:
    seen = await harness.exchange(request(b"/", b"Via: " + via))
    assert listed(seen.request.values(b"via")) == [via, b"1.1 " + harness.pseudonym]


@pytest.mark.must(4)
@pytest.mark.parametrize(
    ("lines", "before"),
    [
        ((), []),
        ((b"Via: 1.0 fred",), [b"1.0 fred"]),
        ((b"Via: 1.1 edge, 2 cdn",), [b"1.1 edge", b"2 cdn"]),
        ((b"Via: 1.1 edge", b"VIA: 2 cdn (x)"), [b"1.1 edge", b"2 cdn (x)"]),
    ],
)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_via_is_added_to_requests(
    harness: Harness, lines: tuple[bytes, ...], before: list[bytes], version: bytes
) -> None:
    """With the version that the client spoke."""
    seen = await harness.exchange(request(b"/", *lines, version=version))
    ours = version + b" " + harness.pseudonym
    assert listed(seen.request.values(b"via")) == [*before, ours]


@pytest.mark.must(4)
@pytest.mark.parametrize(
    ("lines", "before"),
    [
        ((), []),
        ((b"Via: 1.0 fred",), [b"1.0 fred"]),
        ((b"Via: 1.1 cache", b"via: 1.1 app"), [b"1.1 cache", b"1.1 app"]),
        ((b"Via: 1.1 strangler",), [b"1.1 strangler"]),
    ],
)
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_via_is_added_to_answers(
    harness: Harness, lines: tuple[bytes, ...], before: list[bytes], version: bytes
) -> None:
    """With the version that the upstream spoke."""
    said = answer(*lines).replace(b"HTTP/1.1", b"HTTP/" + version)
    seen = await harness.exchange(request(), answer=said)
    assert listed(seen.answer.values(b"via")) == [*before, version + b" strangler"]


@pytest.mark.must(5)
@pytest.mark.parametrize(
    ("method", "status"), [(b"OPTIONS", 200), (b"TRACE", 405)], ids=["OPTIONS", "TRACE"]
)
@pytest.mark.parametrize("target", [b"/", b"/downloads/?a=b"])
async def test_at_0_we_answer(harness: Harness, method: bytes, status: int, target: bytes) -> None:
    came = await harness.ask(request(target, b"Max-Forwards: 0", method=method))
    assert came.status == status
    assert harness.upstream.heads == []


@pytest.mark.must(5)
async def test_at_0_we_answer_for_the_whole_server(harness: Harness) -> None:
    assert (await harness.ask(request(b"*", b"max-forwards:0", method=b"OPTIONS"))).status == 200
    assert harness.upstream.heads == []


@pytest.mark.must(5)
@pytest.mark.parametrize("method", [b"OPTIONS", b"TRACE"])
@pytest.mark.parametrize(("hops", "left"), [(b"1", b"0"), (b"10", b"9"), (b"255", b"254")])
async def test_else_it_is_counted_down(
    harness: Harness, method: bytes, hops: bytes, left: bytes
) -> None:
    seen = await harness.exchange(request(b"/", b"Max-Forwards: " + hops, method=method))
    assert seen.request.start == method + b" / HTTP/1.1"
    assert seen.request.values(b"max-forwards") == [left]


@pytest.mark.must(5)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE"])
@pytest.mark.parametrize("hops", [b"0", b"7", b"many"])
async def test_other_methods_are_none_of_its_business(
    harness: Harness, method: bytes, hops: bytes
) -> None:
    seen = await harness.exchange(request(b"/", b"Max-Forwards: " + hops, method=method))
    assert seen.request.values(b"max-forwards") == [hops]


@pytest.mark.must(5)
@pytest.mark.parametrize("hops", [b"x", b"-1", b"1.5", b"+1", b"", b"1, 2"])
async def test_what_cannot_be_counted_down_is_refused(harness: Harness, hops: bytes) -> None:
    said = request(b"/", b"Max-Forwards: " + hops, method=b"OPTIONS")
    assert (await harness.ask(said)).status == 400
    assert harness.upstream.heads == []
