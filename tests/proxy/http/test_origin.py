"""Where a request came from: what strangers say of it is replaced, what trusted peers say grows."""

import pytest

from tests.proxy.http.harness import STRANGER, TRUSTED, Harness, request

pytestmark = pytest.mark.musts

HOST = b"www.example.org"
CLAIMS = {
    b"x-forwarded-for": b"198.51.100.7",
    b"x-forwarded-proto": b"https",
    b"x-forwarded-host": b"public.example",
    b"forwarded": b"for=198.51.100.7;proto=https",
}
OTHER_CLAIMS = [b"X-Real-IP: 198.51.100.7", b"X-Forwarded-Port: 443", b"X-Forwarded-Prefix: /a"]


def node(peer: str) -> bytes:
    return b'for=%b;host="%b";proto=http' % (peer.encode(), HOST)


def lines(claims: dict[bytes, bytes]) -> tuple[bytes, ...]:
    return tuple(name + b": " + value for name, value in claims.items())


@pytest.mark.must("A4")
@pytest.mark.parametrize("source", [STRANGER, TRUSTED, "127.0.0.3"])
async def test_what_we_say_where_nobody_said_anything(harness: Harness, source: str) -> None:
    head = (await harness.exchange(request(), source=source)).request
    assert head.values(b"x-forwarded-for") == [source.encode()]
    assert head.values(b"x-forwarded-proto") == [b"http"]
    assert head.values(b"x-forwarded-host") == [HOST]
    assert head.values(b"forwarded") == [node(source)]


@pytest.mark.must("A4")
@pytest.mark.parametrize("source", [STRANGER, "127.0.0.3"])
async def test_a_stranger_is_not_believed(harness: Harness, source: str) -> None:
    claims = (*lines(CLAIMS), *OTHER_CLAIMS, *lines(CLAIMS))
    head = (await harness.exchange(request(b"/", *claims), source=source)).request
    assert head.values(b"x-forwarded-for") == [source.encode()]
    assert head.values(b"x-forwarded-proto") == [b"http"]
    assert head.values(b"x-forwarded-host") == [HOST]
    assert head.values(b"forwarded") == [node(source)]
    assert b"198.51.100.7" not in head.raw
    assert head.passed == [(b"Host", HOST)]


@pytest.mark.must("A4")
@pytest.mark.parametrize("name", [*CLAIMS, b"X-FORWARDED-FOR", b"X-Forwarded-proto", b"FORWARDED"])
@pytest.mark.parametrize("value", [b"", b"a, b", b'"', b"unknown", b"\xff"])
async def test_whatever_it_says(harness: Harness, name: bytes, value: bytes) -> None:
    head = (await harness.exchange(request(b"/", name + b": " + value))).request
    own = {
        b"x-forwarded-for": STRANGER.encode(),
        b"x-forwarded-proto": b"http",
        b"x-forwarded-host": HOST,
        b"forwarded": node(STRANGER),
    }
    assert {key: head.value(key) for key in own} == own


@pytest.mark.must("A4")
async def test_a_trusted_peer_is_believed(harness: Harness) -> None:
    """The chains grow; scheme and host stay as the first of our own servers saw them."""
    claims = (*lines(CLAIMS), *OTHER_CLAIMS)
    head = (await harness.exchange(request(b"/", *claims), source=TRUSTED)).request
    assert joined(head.values(b"x-forwarded-for")) == b"198.51.100.7, 127.0.0.2"
    assert head.values(b"x-forwarded-proto") == [b"https"]
    assert head.values(b"x-forwarded-host") == [b"public.example"]
    assert joined(head.values(b"forwarded")) == (b"for=198.51.100.7;proto=https, " + node(TRUSTED))
    for line in OTHER_CLAIMS:
        name, _, value = line.partition(b": ")
        assert head.values(name) == [value]


@pytest.mark.must("A4")
@pytest.mark.parametrize(
    ("said", "chain"),
    [
        ((b"X-Forwarded-For: 203.0.113.1, 198.51.100.7",), b"203.0.113.1, 198.51.100.7"),
        ((b"X-Forwarded-For: 203.0.113.1", b"x-forwarded-for: ::1"), b"203.0.113.1, ::1"),
        ((b"X-Forwarded-For: unknown, _hidden",), b"unknown, _hidden"),
    ],
)
async def test_chains_are_continued(
    harness: Harness, said: tuple[bytes, ...], chain: bytes
) -> None:
    head = (await harness.exchange(request(b"/", *said), source=TRUSTED)).request
    assert joined(head.values(b"x-forwarded-for")) == chain + b", 127.0.0.2"


@pytest.mark.must("A4")
@pytest.mark.parametrize("source", [STRANGER, TRUSTED])
async def test_the_log_says_who_asked(harness: Harness, source: str) -> None:
    """The visitor, where one of our own servers names it; else the peer."""
    chain = b"X-Forwarded-For: 203.0.113.1, 198.51.100.7"
    await harness.ask(request(b"/who", chain), source=source)
    line = await harness.line(path="/who")
    assert line["client"] == ("198.51.100.7" if source == TRUSTED else STRANGER)


@pytest.mark.must("A4")
@pytest.mark.parametrize(
    ("source", "given", "kept"),
    [
        (TRUSTED, b"from-the-front.1", True),
        (TRUSTED, b"has a space", False),
        (TRUSTED, b"x" * 500, False),
        (TRUSTED, b"", False),
        (STRANGER, b"from-a-stranger", False),
    ],
)
async def test_the_request_id(harness: Harness, source: str, given: bytes, kept: bool) -> None:
    """One for all: the upstream, the client and the log."""
    said = request(b"/id", b"X-Request-ID: " + given)
    seen = await harness.exchange(said, source=source)
    request_id = seen.request.value(b"x-request-id")
    assert (request_id == given) is kept
    assert len(request_id) >= 16
    assert seen.answer.value(b"x-request-id") == request_id
    assert (await harness.line(path="/id"))["request_id"] == request_id.decode()


@pytest.mark.must("A5")
@pytest.mark.parametrize(
    "line",
    [
        b"X_Forwarded_For: 192.0.2.1",
        b"X-Forwarded_For: 192.0.2.1",
        b"X_Real_IP: 192.0.2.1",
        b"Content_Length: 5",
        b"Transfer_Encoding: chunked",
        b"Remote_User: admin",
        b"AUTHORIZATION_: x",
        b"_: x",
        b"x_any: 1",
    ],
)
@pytest.mark.parametrize("source", [STRANGER, TRUSTED], ids=["stranger", "trusted"])
async def test_names_with_an_underscore_are_dropped(
    harness: Harness, line: bytes, source: str
) -> None:
    seen = await harness.exchange(request(b"/", line, b"X-Kept: a_b"), source=source)
    assert seen.request.passed == [(b"Host", HOST), (b"X-Kept", b"a_b")]
    assert b"_" not in seen.request.raw.replace(b"a_b", b"")


@pytest.mark.must("A5")
@pytest.mark.parametrize(
    "line",
    [b"Proxy: http://evil.example", b"Strangler-Force: native", b"strangler-owner: native"],
)
async def test_so_are_names_that_only_we_may_use(harness: Harness, line: bytes) -> None:
    seen = await harness.exchange(request(b"/", line, b"X-Kept: 1"))
    assert seen.request.passed == [(b"Host", HOST), (b"X-Kept", b"1")]


@pytest.mark.must("A5")
@pytest.mark.parametrize(
    "line", [b"Strangler-Owner: native", b"STRANGLER-DOMAIN: x", b"X-Request-ID: theirs"]
)
async def test_in_answers_too(harness: Harness, line: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + line + b"\r\nX_Kept: 1\r\nContent-Length: 0\r\n\r\n"
    seen = await harness.exchange(request(), answer=said)
    assert seen.answer.values(b"strangler-owner") == [b"legacy"]
    assert seen.answer.values(b"strangler-domain") == []
    assert seen.answer.values(b"x-request-id") == [seen.request.value(b"x-request-id")]
    assert seen.answer.values(b"x_kept") == [b"1"]


def joined(values: list[bytes]) -> bytes:
    """RFC 9110 §5.3: lines of one name mean the same as one line."""
    return b", ".join(values)
