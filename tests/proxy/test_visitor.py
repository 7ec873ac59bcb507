"""Nothing is believed from a client that a front server must have said."""

from ipaddress import ip_network

import pytest

from proxy.visitor import Scope, identify, within

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def scope(peer: str, **fields: str) -> Scope:
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
    return {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}


def test_a_stranger_is_who_connected() -> None:
    visitor = identify(
        scope("8.8.8.8", x_forwarded_for="1.1.1.1", x_forwarded_proto="https", x_request_id="mine"),
        TRUSTED,
    )
    assert (visitor.address, visitor.scheme, visitor.trusted_peer) == ("8.8.8.8", "http", False)
    assert len(visitor.request_id) == 32
    assert visitor.request_id != "mine"


def test_a_front_server_speaks_for_the_visitor() -> None:
    visitor = identify(
        scope("10.0.0.1", x_forwarded_for="1.1.1.1", x_forwarded_proto="https", x_request_id="a-1"),
        TRUSTED,
    )
    assert (visitor.address, visitor.scheme, visitor.request_id) == ("1.1.1.1", "https", "a-1")


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        ("6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 10.9.9.9", "1.1.1.1"),
        ("10.2.2.2", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("nonsense", "nonsense"),
    ],
)
def test_the_nearest_stranger_of_the_chain(chain: str, address: str) -> None:
    """What stands left of the first stranger was said by that stranger: it may be invented."""
    assert identify(scope("10.0.0.1", x_forwarded_for=chain), TRUSTED).address == address


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, 'a"b', "a\tb"])
def test_a_malformed_request_id_is_replaced(given: str) -> None:
    made = identify(scope("10.0.0.1", x_request_id=given), TRUSTED).request_id
    assert made != given
    assert len(made) == 32


def test_an_unknown_protocol_is_not_believed() -> None:
    assert identify(scope("10.0.0.1", x_forwarded_proto="gopher"), TRUSTED).scheme == "http"


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.255.0.1", True), ("::ffff:10.0.0.1", True), ("11.0.0.1", False), ("unix", False)],
)
def test_within(address: str, inside: bool) -> None:
    assert within(address, TRUSTED) is inside
