"""Requests of one connection whose fields are alike to the octet, and which yet differ."""

import pytest

from tests.proxy.http.ends import Client
from tests.proxy.http.handshakes import UPGRADE, lines
from tests.proxy.http.harness import HOST, TRUSTED, Harness, answer, request
from tests.proxy.http.messages import RequestHead
from tests.proxy.http.upstream import OK, answering

pytestmark = pytest.mark.musts


async def asked(harness: Harness, client: Client, said: bytes) -> RequestHead:
    """The next request of this connection, as the upstream received it."""
    before = len(harness.upstream.heads)
    await client.say(said)
    method = said.split(b" ")[0].decode()
    assert (await client.answer(method)).status == 200
    (head,) = harness.upstream.heads[before:]
    return head


@pytest.mark.must(5)
async def test_max_forwards_counts_for_some_methods_only(harness: Harness) -> None:
    client = await harness.client()
    left = [
        (await asked(harness, client, request(b"/", b"Max-Forwards: 5", method=method))).value(
            b"max-forwards"
        )
        for method in (b"GET", b"OPTIONS", b"GET", b"TRACE", b"OPTIONS", b"POST")
    ]
    assert left == [b"5", b"4", b"5", b"4", b"4", b"5"]


@pytest.mark.must(5)
async def test_at_0_too(harness: Harness) -> None:
    client = await harness.client()
    await asked(harness, client, request(b"/", b"Max-Forwards: 0"))
    await client.say(request(b"/", b"Max-Forwards: 0", method=b"OPTIONS"))
    assert (await client.answer()).status == 200
    assert len(harness.upstream.heads) == 1
    await asked(harness, client, request(b"/", b"Max-Forwards: 0"))
    assert len(harness.upstream.heads) == 2


@pytest.mark.must(13)
@pytest.mark.parametrize("methods", [(b"GET", b"POST"), (b"POST", b"GET")])
async def test_upgrade_is_for_get_only(harness: Harness, methods: tuple[bytes, bytes]) -> None:
    client = await harness.client()
    for method in methods:
        head = await asked(harness, client, request(b"/", *UPGRADE, method=method))
        expected = [b"websocket"] if method == b"GET" else []
        assert head.values(b"upgrade") == expected


@pytest.mark.must(32, "A6")
async def test_an_absolute_target_is_for_its_own_request_only(harness: Harness) -> None:
    client = await harness.client()
    absolute = request(b"http://other.example:81/a")
    hosts = [
        (await asked(harness, client, said)).value(b"host")
        for said in (request(), absolute, request(), absolute, absolute, request())
    ]
    plain, other = b"www.example.org", b"other.example:81"
    assert hosts == [plain, other, plain, other, other, plain]


@pytest.mark.must(4, 20)
async def test_the_version_counts(harness: Harness) -> None:
    """HTTP/1.0 is the last request of its connection, so it comes last."""
    client = await harness.client()
    said = (b"Expect: 100-continue", b"Content-Length: 2")
    head = await asked(harness, client, request(b"/", *said, method=b"PUT") + b"hi")
    assert head.value(b"via") == b"1.1 " + harness.pseudonym
    assert len(head.values(b"expect")) == 1
    old = request(b"/", *said, method=b"PUT", version=b"1.0") + b"hi"
    head = await asked(harness, client, old)
    assert head.value(b"via") == b"1.0 " + harness.pseudonym
    assert head.values(b"expect") == []
    assert await client.rest() == b""


@pytest.mark.must("A4")
async def test_every_request_has_an_id_of_its_own(harness: Harness) -> None:
    client = await harness.client()
    ids = {(await asked(harness, client, request())).value(b"x-request-id") for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.must("A4")
async def test_unless_a_trusted_peer_gives_it(harness: Harness) -> None:
    client = await harness.client(TRUSTED)
    given = [b"one", b"two", b"two", b"one"]
    seen = [
        (await asked(harness, client, request(b"/", b"X-Request-ID: " + name))).value(
            b"x-request-id"
        )
        for name in given
    ]
    assert seen == given


@pytest.mark.must("A4")
@pytest.mark.parametrize("sources", [("127.0.0.1", TRUSTED), (TRUSTED, "127.0.0.1")])
async def test_who_asks_counts(harness: Harness, sources: tuple[str, str]) -> None:
    """What was made of one client's fields is not what another's are."""
    said = request(b"/", b"X-Forwarded-For: 198.51.100.7")
    for source in sources:
        head = await asked(harness, await harness.client(source), said)
        chain = b"198.51.100.7, 127.0.0.2" if source == TRUSTED else b"127.0.0.1"
        assert b", ".join(head.values(b"x-forwarded-for")) == chain


@pytest.mark.must(9)
@pytest.mark.parametrize(
    "values", [(b"a=1", b"a=2", b"a=1"), (b"a=1", b"", b"a=1"), (b"x" * 100, b"y" * 100, b"z")]
)
async def test_fields_that_differ_in_one_octet(harness: Harness, values: tuple[bytes, ...]) -> None:
    client = await harness.client()
    for value in values:
        head = await asked(harness, client, request(b"/", b"Cookie: " + value))
        assert head.values(b"cookie") == [value]


@pytest.mark.must(9)
async def test_answers_too(harness: Harness) -> None:
    """Fields alike, but for one octet; and alike, but of another status."""
    fields = [(b"Date", b"now"), (b"Set-Cookie", b"a=1"), (b"X-Any", b"1")]
    other = [(b"Date", b"now"), (b"Set-Cookie", b"a=2"), (b"X-Any", b"1")]
    said = [
        answer(*lines(fields)),
        answer(*lines(other)),
        answer(*lines(fields), status=b"404 No"),
        answer(*lines(fields), body=b"longer"),
        answer(*lines(fields)),
    ]
    harness.upstream.play(answering(*said, OK))
    client = await harness.client()
    for whole in said:
        await client.say(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        came = await client.answer()
        start, *rest = whole.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert came.head.start == start
        assert came.head.passed == [tuple(line.split(b": ")) for line in rest]
        assert whole.endswith(b"\r\n\r\n" + came.body)
