"""Nothing is believed from a client that a front server must have said."""

from ipaddress import ip_network

import pytest

from proxy.server.request import Request
from proxy.visitor import believe, claimed, host_is_allowed, scheme_of, within
from proxy.wire.request import read_plan

PEER = "10.0.0.1"
TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def request(*lines: bytes) -> Request:
    block = b"".join(line + b"\r\n" for line in (b"Host: a", *lines))
    return Request(b"GET", b"/", 1, read_plan(block, 1), PEER, 0.0)


def believed(*lines: bytes) -> Request:
    """As a trusted peer's request is, when it has been believed."""
    asked = request(*lines)
    believe(asked, TRUSTED)
    return asked


def test_a_front_server_speaks_for_the_visitor() -> None:
    visitor = believed(b"X-Forwarded-For: 1.1.1.1", b"X-Request-ID: a-1")
    assert (visitor.address, visitor.id) == ("1.1.1.1", b"a-1")


def test_one_that_says_nothing_is_the_visitor() -> None:
    asked = request()
    made = asked.id
    believe(asked, TRUSTED)
    assert (asked.address, asked.id) == (PEER, made)
    assert len(made) == 32


def test_requests_have_ids_of_their_own() -> None:
    assert len({request(b"X-Request-ID: same").id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (b"1.1.1.1", "1.1.1.1"),
        (b"6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (b"6.6.6.6, 1.1.1.1, 10.9.9.9", "1.1.1.1"),
        (b"6.6.6.6,1.1.1.1,,", "1.1.1.1"),
        (b"2001:db8::1, ::1", "2001:db8::1"),
        (b"10.2.2.2", PEER),
        (b"", PEER),
        (b"nonsense", "nonsense"),
    ],
)
def test_the_nearest_stranger_of_the_chain(chain: bytes, address: str) -> None:
    """What stands left of the first stranger was said by that stranger: it may be invented."""
    assert believed(b"X-Forwarded-For: " + chain).address == address


def test_repeated_lines_are_one_chain() -> None:
    chain = (b"X-Forwarded-For: 6.6.6.6", b"x-forwarded-for: 1.1.1.1", b"X-Forwarded-For: 10.1.1.1")
    assert believed(*chain).address == "1.1.1.1"
    assert claimed(request(*chain), b"x-forwarded-for") == b"6.6.6.6, 1.1.1.1, 10.1.1.1"
    assert claimed(request(), b"x-forwarded-for") is None


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 129, b'a"b', b"a\tb", b"a,b", b"\xe9"])
def test_a_malformed_request_id_is_replaced(given: bytes) -> None:
    made = believed(b"X-Request-ID: " + given).id
    assert made != given
    assert len(made) == 32


@pytest.mark.parametrize(
    ("lines", "trusted", "scheme"),
    [
        ((b"X-Forwarded-Proto: https",), True, "https"),
        ((b"X-Forwarded-Proto: HTTPS ",), True, "https"),
        ((b"X-Forwarded-Proto: http",), True, "http"),
        ((b"X-Forwarded-Proto: gopher",), True, "http"),
        ((b"X-Forwarded-Proto: https", b"X-Forwarded-Proto: http"), True, "http"),
        ((), True, "http"),
        ((b"X-Forwarded-Proto: https",), False, "http"),
    ],
)
def test_the_scheme_is_a_trusted_peers_word(
    lines: tuple[bytes, ...], trusted: bool, scheme: str
) -> None:
    assert scheme_of(request(*lines), trusted_peer=trusted) == scheme


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.255.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("::1", True),
        ("11.0.0.1", False),
        ("::2", False),
        ("unix", False),
        ("10.0.0.1" + " " * 100, False),
        ("", False),
    ],
)
def test_within(address: str, inside: bool) -> None:
    assert within(address, TRUSTED) is inside


def test_within_no_networks_is_nobody() -> None:
    assert not within("127.0.0.1", ())


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        (b"www.example.org", True),
        (b"WWW.example.org:8000", True),
        (b"www.example.org.", True),
        (b"www.example.org.:80", True),
        (b"a.python.test", True),
        (b"a.b.python.test", True),
        (b"python.test.", True),
        (b"[::1]", True),
        (b"[::1]:8000", True),
        (b"evil.test", False),
        (b"notpython.test", False),
        (b"www.example.org.evil.test", False),
        (b"example.org", False),
        (b"", False),
    ],
)
def test_hosts_are_allowed_as_django_does(host: bytes, allowed: bool) -> None:
    assert host_is_allowed(host, ("www.example.org", ".python.test", "[::1]")) is allowed


@pytest.mark.parametrize("allowed", [(), ("*",), ("a", "*")])
def test_where_none_or_all_are_named_any_host_will_do(allowed: tuple[str, ...]) -> None:
    assert host_is_allowed(b"evil.test", allowed)
