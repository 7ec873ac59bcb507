"""Single field lines: what they mean in each direction, and which of them are remembered."""

import pytest

from proxy.wire import fields, request
from proxy.wire.errors import MalformedError
from proxy.wire.fields import (
    ANSWER_LINES,
    HOP_BY_HOP,
    REQUEST_LINES,
    Kind,
    KnownLines,
    options_of,
    read_length,
    without_named,
)
from proxy.wire.request import valid_host, via_line

LONGEST_KNOWN = 256
MOST_KNOWN = 8192
LONGEST_NAME = 64
MOST_NAMES = 1024


def kind_in_request(raw: bytes) -> Kind:
    return Kind(REQUEST_LINES.read(raw).kind)


def kind_in_answer(raw: bytes) -> Kind:
    return Kind(ANSWER_LINES.read(raw).kind)


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (b"X-A: b", b"x-a", b"b"),
        (b"X-A:b", b"x-a", b"b"),
        (b"X-A:", b"x-a", b""),
        (b"X-A: \t ", b"x-a", b""),
        (b"X-A:\t b\tc \t", b"x-a", b"b\tc"),
        (b"X-A: b: c", b"x-a", b"b: c"),
        (b"X-A::", b"x-a", b":"),
        (b"!#$%&'*+-.^_`|~09AZaz: \x80\xff", b"!#$%&'*+-.^_`|~09azaz", b"\x80\xff"),
    ],
)
def test_a_line_is_taken_apart(raw: bytes, name: bytes, value: bytes) -> None:
    line = KnownLines(lambda _: Kind.PASS).read(raw)
    assert line == (Kind.PASS, name, value)


@pytest.mark.parametrize(
    "raw", [b"", b"X", b":", b"X : y", b" X: y", b"X: y\r", b"X: y\n", b"X\n:"]
)
def test_what_is_none(raw: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        REQUEST_LINES.read(raw)
    assert caught.value.status == 400


def test_kinds_in_requests() -> None:
    """All that are not `PASS`; in any case."""
    kinds = {
        Kind.SECRET: (b"Authorization", b"Proxy-Authorization", b"Referer", b"Set-Cookie"),
        Kind.DROP: (
            b"Proxy", b"TE", b"Trailer", b"Keep-Alive", b"Proxy-Connection", b"Strangler-Owner",
            b"X_A", b"X_Forwarded_For", b"Strangler_Force",
        ),
        Kind.HOST: (b"Host",),
        Kind.CONNECTION: (b"Connection",),
        Kind.CONTENT_LENGTH: (b"Content-Length",),
        Kind.TRANSFER_ENCODING: (b"Transfer-Encoding",),
        Kind.UPGRADE: (b"Upgrade",),
        Kind.EXPECT: (b"Expect",),
        Kind.MAX_FORWARDS: (b"Max-Forwards",),
        Kind.COOKIE: (b"Cookie",),
        Kind.VIA: (b"Via",),
        Kind.ORIGIN: (b"Forwarded", b"X-Real-IP", b"X-Forwarded-For", b"X-Forwarded-Any"),
        Kind.REQUEST_ID: (b"X-Request-ID",),
        Kind.FORCE: (b"Strangler-Force",),
        Kind.PASS: (b"Date", b"X-A", b"Accept", b"X-Forwarded", b"Stranglers", b"HTTP2-Settings"),
    }  # fmt: skip
    for kind, names in kinds.items():
        for name in names:
            read = {kind_in_request(one + b": x") for one in (name, name.lower(), name.upper())}
            assert read == {kind}, name


def test_kinds_in_answers() -> None:
    kinds = {
        Kind.SECRET: (b"Set-Cookie", b"Authorization", b"Proxy-Authorization", b"Referer"),
        Kind.DROP: (
            b"X-Request-ID", b"Strangler-Owner", b"Strangler-Force", b"TE", b"Trailer",
            b"Keep-Alive", b"Proxy-Connection",
        ),
        Kind.CONNECTION: (b"Connection",),
        Kind.CONTENT_LENGTH: (b"Content-Length",),
        Kind.TRANSFER_ENCODING: (b"Transfer-Encoding",),
        Kind.UPGRADE: (b"Upgrade",),
        Kind.DATE: (b"Date",),
        Kind.PASS: (b"Host", b"Cookie", b"Via", b"Expect", b"X_A", b"Proxy", b"X-Forwarded-For"),
    }  # fmt: skip
    for kind, names in kinds.items():
        for name in names:
            read = {kind_in_answer(one + b": x") for one in (name, name.lower(), name.upper())}
            assert read == {kind}, name


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_no_hop_by_hop_field_passes(name: bytes) -> None:
    assert kind_in_request(name + b": x") > Kind.SECRET
    assert kind_in_answer(name + b": x") > Kind.SECRET


def test_options() -> None:
    assert options_of([]) == frozenset()
    assert options_of([b""]) == frozenset()
    assert options_of([b"Close"]) == {b"close"}
    assert options_of([b" a,\tB , ,,a", b"c"]) == {b"a", b"b", b"c"}
    assert options_of([b"a b;c=d"]) == {b"a b;c=d"}


def test_lengths() -> None:
    assert [read_length([one]) for one in (b"0", b"007", b"9" * 18)] == [0, 7, 10**18 - 1]
    for values in ([], [b"5", b"5"], [b""], [b"-1"], [b"1 "], [b"9" * 19], [b"\xb2"], [b"1\n"]):
        with pytest.raises(MalformedError) as caught:
            read_length(values)
        assert caught.value.status == 400


def test_without_named() -> None:
    lines = [b"X-A: 1", b"Cookie: c", b"x-a:2", b"X-B: 3"]
    assert without_named(lines, frozenset((b"x-a", b"x-z")), REQUEST_LINES) == lines[1::2]
    assert without_named(lines, frozenset((b"cookie",)), REQUEST_LINES) == [lines[0], *lines[2:]]


# what is remembered


def test_a_line_is_remembered_octet_for_octet() -> None:
    lines = KnownLines(lambda _: Kind.PASS)
    assert lines.get(b"X-A: b") is None
    line = lines.read(b"X-A: b")
    assert lines.get(b"X-A: b") is line
    assert lines.get(b"x-a: b") is None


@pytest.mark.parametrize(
    "raw",
    [
        b"Cookie: sessionid=secret",
        b"cookie: a",
        b"Authorization: Basic YTpi",
        b"Proxy-Authorization: Basic YTpi",
        b"Referer: https://a/reset/token",
    ],
)
def test_a_visitors_secrets_are_not(raw: bytes) -> None:
    REQUEST_LINES.read(raw)
    assert REQUEST_LINES.get(raw) is None


def test_an_answers_secrets_are_not() -> None:
    ANSWER_LINES.read(b"Set-Cookie: sessionid=secret")
    assert ANSWER_LINES.get(b"Set-Cookie: sessionid=secret") is None


@pytest.mark.parametrize("lines", [REQUEST_LINES, ANSWER_LINES])
@pytest.mark.parametrize("name", [b"X-A: ", b"Connection: ", b"Via: ", b"X-Request-ID: ", b"TE: "])
def test_long_lines_are_not(lines: KnownLines, name: bytes) -> None:
    longest = name.ljust(LONGEST_KNOWN, b"x")
    for raw in (longest, longest + b"x"):
        lines.read(raw)
    assert lines.get(longest) is not None
    assert lines.get(longest + b"x") is None


def test_what_is_no_line_is_not() -> None:
    with pytest.raises(MalformedError):
        REQUEST_LINES.read(b"X : y")
    assert REQUEST_LINES.get(b"X : y") is None


def test_never_more_than_8192_of_them() -> None:
    """A client that invents lines costs the known ones now and then, and no memory."""
    lines = KnownLines(lambda _: Kind.PASS)
    invented = [b"X: %d" % number for number in range(MOST_KNOWN + 1)]
    for raw in invented[:-1]:
        lines.read(raw)
    assert all(lines.get(raw) for raw in invented[:-1])
    last = lines.read(invented[-1])
    assert [raw for raw in invented if lines.get(raw)] == [invented[-1]]
    assert last.value == b"%d" % MOST_KNOWN
    assert lines.read(invented[0]).value == b"0"


def test_names_are_remembered_if_they_are_short() -> None:
    """Those of secrets too: what their fields say is not."""
    asked: list[bytes] = []

    def kind_of(name: bytes) -> Kind:
        asked.append(name)
        return Kind.SECRET

    lines = KnownLines(kind_of)
    short, long = b"X" * LONGEST_NAME, b"X" * (LONGEST_NAME + 1)
    for value in range(3):
        for name in (short, long):
            assert lines.read(b"%b: %d" % (name, value)).name == name.lower()
    assert asked == [short.lower(), long.lower(), long.lower(), long.lower()]


def test_never_more_than_1024_names() -> None:
    lines = KnownLines(lambda _: Kind.SECRET)
    for number in range(MOST_NAMES):
        lines.read(b"X-%d: y" % number)
    assert len(lines._names) == MOST_NAMES
    assert lines.read(b"X-Last: y") == (Kind.SECRET, b"x-last", b"y")
    assert list(lines._names) == [b"X-Last"]


def test_options_are_remembered_if_they_are_short() -> None:
    fields._options.cache_clear()
    for value in (b"x" * (LONGEST_KNOWN + 1), b"close," * 100):
        options_of([value])
    assert fields._options.cache_info().currsize == 0
    options_of([b"x" * LONGEST_KNOWN])
    assert fields._options.cache_info().currsize == 1
    options_of([b"x" * (LONGEST_KNOWN // 2), b"y" * (LONGEST_KNOWN // 2)])
    assert fields._options.cache_info().currsize == 1


def test_hosts_are_remembered_if_they_can_be_any() -> None:
    request._matches_host.cache_clear()
    assert not valid_host(b"a" * 1000)
    assert request._matches_host.cache_info().currsize == 0
    assert valid_host(b"a")
    assert request._matches_host.cache_info().currsize == 1


def test_via_is_remembered_if_nobody_was_before_us() -> None:
    request._via_line.cache_clear()
    via_line(1, b"strangler-a", (b"1.1 edge",))
    assert request._via_line.cache_info().currsize == 0
    via_line(1, b"strangler-a", ())
    assert request._via_line.cache_info().currsize == 1


def test_every_cache_has_its_bound() -> None:
    bounds = [
        cache.cache_info().maxsize
        for cache in (fields._options, request._matches_host, request._via_line)
    ]
    assert bounds == [1024, 1024, 16]
