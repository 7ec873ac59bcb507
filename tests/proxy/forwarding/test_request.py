"""What of a request reaches the upstream, byte for byte."""

from typing import Any

import pytest

from proxy.forwarding.faults import Cause, Fault, Side, Stage
from tests.proxy.forwarding.scripted import REQUEST_ID, forwarding, values_of

pytestmark = pytest.mark.musts

REFUSED = Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.INVALID)


async def test_must_29_whole_head() -> None:
    """29 our own version; 8 unknown fields; 4 Via. The whole head, byte for byte."""
    async with forwarding() as pair:
        headers = [(b"x-first", b"1"), (b"accept", b"*/*"), (b"x-first", b"2"), (b"x-empty", b"")]
        reply = await pair.ask("GET", b"/a?b=c", headers=headers)
        assert reply.status == 200
        assert pair.upstream.heads == [
            b"GET /a?b=c HTTP/1.1\r\n"
            b"host: www.example.org\r\n"
            b"x-first: 1\r\naccept: */*\r\nx-first: 2\r\nx-empty: \r\n"
            b"via: 1.1 strangler-test\r\n"
            b"x-forwarded-for: 203.0.113.9\r\n"
            b"x-forwarded-proto: http\r\n"
            b"x-forwarded-host: www.example.org\r\n"
            b'forwarded: for=203.0.113.9;host="www.example.org";proto=http\r\n'
            b"x-request-id: " + REQUEST_ID.encode() + b"\r\n"
            b"\r\n"
        ]


@pytest.mark.parametrize(
    "target",
    [
        b"/a%2Fb%2fc", b"/%e9%E9", b"//double///slash", b"/a/../b/./c", b"/p;x=1;y?a&b=&c", b"/%00",
        b"/?q=a+b%20c&&=", b"/?next=/x?y", b"/caf\xc3\xa9", b"/a:b@c!$&'()*+,=~", b"/%",
    ],
)  # fmt: skip
async def test_must_6_target_unchanged(target: bytes) -> None:
    async with forwarding() as pair:
        await pair.ask("GET", target)
        assert pair.upstream.heads[0].split(b"\r\n")[0] == b"GET " + target + b" HTTP/1.1"


async def test_must_6_raw_path_may_hold_the_query() -> None:
    async with forwarding() as pair:
        for raw, query, target in (
            (b"/p?", b"", b"/p?"),
            (b"/p?x=1", b"x=1", b"/p?x=1"),
            (None, b"x=1", b"/a%20b%C3%A9?x=1"),
        ):
            await pair.ask(raw_path=raw, query_string=query, path="/a bé")
            assert pair.upstream.heads[-1].split(b" ")[1] == target


async def test_must_32_absolute_form_replaces_host() -> None:
    async with forwarding() as pair:
        await pair.ask("GET", raw_path=b"http://other.example:81/x;y", query_string=b"z")
        head = pair.upstream.heads[0]
        assert head.startswith(b"GET /x;y?z HTTP/1.1\r\nhost: other.example:81\r\n")


async def test_asterisk_form() -> None:
    async with forwarding() as pair:
        await pair.ask("OPTIONS", b"*")
        assert pair.upstream.heads[0].startswith(b"OPTIONS * HTTP/1.1\r\n")


@pytest.mark.parametrize("connection", [b"close, X-Drop", b"x-drop,keep-alive", b" X-DROP ,"])
async def test_must_1_and_2_hop_by_hop(connection: bytes) -> None:
    headers = [
        (b"connection", connection), (b"x-drop", b"1"), (b"keep-alive", b"timeout=5"),
        (b"proxy-connection", b"keep-alive"), (b"te", b"trailers"), (b"trailer", b"x-t"),
        (b"upgrade", b"h2c"), (b"x-keep", b"1"),
    ]  # fmt: skip
    async with forwarding() as pair:
        await pair.ask(headers=headers)
        head = pair.upstream.heads[0].lower()
        for name in (b"connection", b"x-drop", b"keep-alive", b"proxy-connection", b"te"):
            assert values_of(head, name) == []
        assert values_of(head, b"trailer") == values_of(head, b"upgrade") == []
        assert values_of(head, b"x-keep") == [b"1"]


async def test_must_1_connection_cannot_unname_routing_or_origin() -> None:
    async with forwarding() as pair:
        named = b"host, x-forwarded-for, x-request-id, via, content-length, cookie"
        headers = [(b"connection", named), (b"cookie", b"a=1"), (b"content-length", b"2")]
        await pair.ask("POST", headers=headers, body=[b"hi"])
        head = pair.upstream.heads[0]
        assert values_of(head, b"host") == [b"www.example.org"]
        assert values_of(head, b"x-forwarded-for") == [b"203.0.113.9"]
        assert values_of(head, b"content-length") == [b"2"]
        assert values_of(head, b"x-request-id") == [REQUEST_ID.encode()]
        assert values_of(head, b"cookie") == []


async def test_must_3_loop_is_508() -> None:
    async with forwarding() as pair:
        reply = await pair.ask(headers=[(b"via", b"1.1 edge, 1.1 strangler-test")])
        assert (reply.status, reply.body) == (508, b"508 Loop Detected\n")
        assert reply.outcome.fault == Fault(Stage.READ_REQUEST, Side.CLIENT, Cause.LOOP)
        assert pair.upstream.peers == []


async def test_must_4_via_is_appended() -> None:
    async with forwarding() as pair:
        via = [(b"via", b"1.1 edge"), (b"via", b"2 cdn")]
        await pair.ask(headers=via, http_version="1")
        assert values_of(pair.upstream.heads[0], b"via") == [b"1.1 edge, 2 cdn, 1.0 strangler-test"]


@pytest.mark.parametrize(
    ("method", "value", "status", "sent"),
    [
        ("OPTIONS", b"0", 200, []),
        ("TRACE", b"0", 405, []),
        ("OPTIONS", b"x", 400, []),
        ("TRACE", b"3", 200, [b"2"]),
        ("GET", b"0", 200, [b"0"]),
    ],
)
async def test_must_5_max_forwards(
    method: str, value: bytes, status: int, sent: list[bytes]
) -> None:
    async with forwarding() as pair:
        reply = await pair.ask(method, headers=[(b"max-forwards", value)])
        assert reply.status == status
        assert [v for h in pair.upstream.heads for v in values_of(h, b"max-forwards")] == sent


async def test_must_9_cookie_lines_become_one() -> None:
    async with forwarding() as pair:
        await pair.ask(headers=[(b"cookie", b'a="1"'), (b"x", b"y"), (b"cookie", b"b=2; c=3")])
        assert values_of(pair.upstream.heads[0], b"cookie") == [b'a="1"; b=2; c=3']


@pytest.mark.parametrize("bad", [b"a\rb", b"a\nb", b"a\0b", b"a\r\nx-injected: 1", b"a\n\rb"])
async def test_must_10_control_characters_in_a_value(bad: bytes) -> None:
    async with forwarding() as pair:
        reply = await pair.ask(headers=[(b"x-a", bad)])
        assert (reply.status, reply.outcome.fault) == (400, REFUSED)
        assert pair.upstream.peers == []


@pytest.mark.parametrize(
    "scope",
    [
        {"raw_path": b"/a b"}, {"raw_path": b"/a\r\nx: y"}, {"query_string": b"a\nb"},
        {"raw_path": b"nowhere"}, {"method": "GE T"}, {"method": "CONNECT"},
        {"headers": [(b"bad name", b"1")]}, {"headers": [(b"name:", b"1")]},
    ],
)  # fmt: skip
async def test_must_27_no_second_line_can_be_made(scope: dict[str, Any]) -> None:
    async with forwarding() as pair:
        reply = await pair.ask(**scope)
        assert (reply.status, reply.outcome.fault) == (400, REFUSED)
        assert pair.upstream.peers == []


@pytest.mark.parametrize(
    "hosts", [[], [b""], [b"a", b"b"], [b"a", b"a"], [b"a b"], [b"a/b"], [b"u@a"], [b"a:x"]]
)
async def test_must_31_host(hosts: list[bytes]) -> None:
    async with forwarding() as pair:
        reply = await pair.ask(hosts=hosts)
        assert (reply.status, reply.outcome.fault) == (400, REFUSED)


@pytest.mark.parametrize(
    "host", [b"www.example.org:8443", b"[2001:db8::1]:80", b"under_score", b"a."]
)
async def test_host_reaches_django_as_sent(host: bytes) -> None:
    async with forwarding() as pair:
        await pair.ask(hosts=[host])
        assert values_of(pair.upstream.heads[0], b"host") == [host]


async def test_http_1_0_without_host() -> None:
    async with forwarding() as pair:
        assert (await pair.ask(http_version="1", hosts=[b""])).status == 200
        assert values_of(pair.upstream.heads[0], b"host") == [b"127.0.0.1:%d" % pair.upstream.port]


@pytest.mark.parametrize(
    "framing",
    [
        [(b"content-length", b"3"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"3"), (b"content-length", b"4")],
        [(b"content-length", b"+3")], [(b"content-length", b"-1")],
        [(b"content-length", b"0x3")], [(b"content-length", b"3, 3")], [(b"content-length", b"")],
        [(b"content-length", b"9" * 30)],
        [(b"transfer-encoding", b"gzip")], [(b"transfer-encoding", b"chunked, identity")],
        [(b"transfer-encoding", b"xchunked")], [(b"transfer-encoding", b"gzip, chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"identity")],
    ],
)  # fmt: skip
async def test_must_15_35_38_39_bad_framing(framing: list[tuple[bytes, bytes]]) -> None:
    async with forwarding() as pair:
        reply = await pair.ask("POST", headers=framing, body=[b"abc"])
        assert (reply.status, reply.outcome.fault) == (400, REFUSED)
        assert pair.upstream.peers == []


async def test_must_22_to_24_fields_of_the_ends_pass() -> None:
    """23 Authorization, 24 conditionals; Accept-Encoding and Range too."""
    headers = [
        (b"authorization", b"Basic dTpw"), (b"if-none-match", b'"x", W/"y"'),
        (b"range", b"bytes=0-1"),
        (b"if-modified-since", b"Mon, 01 Jan 2001 00:00:00 GMT"), (b"accept-encoding", b"gzip, br"),
    ]  # fmt: skip
    async with forwarding() as pair:
        await pair.ask(headers=headers)
        for name, value in headers:
            assert values_of(pair.upstream.heads[0], name) == [value]


async def test_aliases_and_our_own_fields_are_dropped() -> None:
    headers = [
        (b"x_forwarded_for", b"1.2.3.4"), (b"x-forwarded_host", b"evil"),
        (b"strangler-force", b"native"),
        (b"x-request-id", b"forged"), (b"proxy", b"http://evil"), (b"content_length", b"5"),
    ]  # fmt: skip
    async with forwarding() as pair:
        await pair.ask(headers=headers)
        head = pair.upstream.heads[0]
        assert b"_" not in head
        assert b"strangler-force" not in head
        assert values_of(head, b"x-request-id") == [REQUEST_ID.encode()]
        assert values_of(head, b"proxy") == []


FORGED = [
    (b"x-forwarded-for", b"198.51.100.7"), (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"public.example"), (b"x-forwarded-port", b"443"),
    (b"x-real-ip", b"198.51.100.7"), (b"forwarded", b"for=198.51.100.7;proto=https"),
]  # fmt: skip


async def test_origin_from_a_stranger_is_replaced() -> None:
    async with forwarding() as pair:
        await pair.ask(headers=FORGED)
        head = pair.upstream.heads[0]
        assert values_of(head, b"x-forwarded-for") == [b"203.0.113.9"]
        assert values_of(head, b"x-forwarded-proto") == [b"http"]
        assert values_of(head, b"x-forwarded-host") == [b"www.example.org"]
        assert values_of(head, b"x-forwarded-port") == values_of(head, b"x-real-ip") == []
        assert values_of(head, b"forwarded") == [
            b'for=203.0.113.9;host="www.example.org";proto=http'
        ]


async def test_origin_from_a_trusted_peer_is_appended() -> None:
    async with forwarding() as pair:
        await pair.ask(headers=FORGED, trusted=True)
        head = pair.upstream.heads[0]
        assert values_of(head, b"x-forwarded-for") == [b"198.51.100.7, 203.0.113.9"]
        assert values_of(head, b"x-forwarded-proto") == [b"https"]
        assert values_of(head, b"x-forwarded-host") == [b"public.example"]
        assert values_of(head, b"x-forwarded-port") == [b"443"]
        assert values_of(head, b"x-real-ip") == [b"198.51.100.7"]
        assert values_of(head, b"forwarded") == [
            b'for=198.51.100.7;proto=https, for=203.0.113.9;host="www.example.org";proto=http'
        ]


@pytest.mark.parametrize(
    ("client", "chain", "node"),
    [
        (("2001:db8::1", 1), [b"2001:db8::1"], b'for="[2001:db8::1]"'),
        (None, [], b"for=unknown"),
    ],
)
async def test_origin_of_other_peers(
    client: tuple[str, int] | None, chain: list[bytes], node: bytes
) -> None:
    async with forwarding() as pair:
        await pair.ask(client=client)
        head = pair.upstream.heads[0]
        assert values_of(head, b"x-forwarded-for") == chain
        assert values_of(head, b"forwarded")[0].split(b";")[0] == node
