"""The URL of an upstream, and what a fault of it means to the client."""

import ssl

import pytest

from proxy.forwarding.faults import BEGUN, STATUS, Cause, Side, Stage
from proxy.forwarding.upstream import Upstream


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("http://legacy.internal", "legacy.internal", 80, b"legacy.internal"),
        ("http://legacy.internal/", "legacy.internal", 80, b"legacy.internal"),
        ("http://10.0.0.7:8001", "10.0.0.7", 8001, b"10.0.0.7:8001"),
        ("http://[::1]:8080/", "::1", 8080, b"[::1]:8080"),
        ("https://Legacy.Example", "legacy.example", 443, b"Legacy.Example"),
        ("https://legacy.example:8443", "legacy.example", 8443, b"legacy.example:8443"),
    ],
)
def test_parts(url: str, host: str, port: int, authority: bytes) -> None:
    upstream = Upstream.from_url(url)
    assert (upstream.host, upstream.port, upstream.authority) == (host, port, authority)
    assert (upstream.tls is not None) is url.startswith("https")


def test_https_asks_who_the_other_is() -> None:
    tls = Upstream.from_url("https://legacy.example").tls
    assert tls is not None
    assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "scheme"),
        ("localhost:8000", "scheme"),
        ("ftp://a", "scheme"),
        ("//a", "scheme"),
        ("http://", "host name"),
        ("http://:80", "host name"),
        ("http://é.example", "host name"),
        ("http://a/path", "paths"),
        ("http://a/?q", "paths"),
        ("http://a#f", "paths"),
        ("http://a:99999", "port"),
        ("http://a:x", "port"),
        ("http://u@a", "user name"),
        ("http://u:secret@a", "user name"),
    ],
)
def test_what_is_no_upstream(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        Upstream.from_url(url)
    assert "secret" not in str(refused.value)


def test_every_status_is_one_that_a_gateway_may_give() -> None:
    assert set(STATUS.values()) == {BEGUN, 400, 408, 413, 502, 503, 504, 508}


def test_whose_fault_it_is_shows_in_the_status() -> None:
    for fault, status in STATUS.items():
        if fault.stage in (Stage.RECEIVE_BODY, Stage.UPGRADED):
            assert status == BEGUN
        elif fault.side is Side.CLIENT:
            assert status in (BEGUN, 400, 408, 413, 508)
        elif fault.side is Side.PROXY:
            assert status == 503
        else:
            assert status == (504 if fault.cause is Cause.LATE else 502)
