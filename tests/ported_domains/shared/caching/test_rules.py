"""Which requests and answers have to do with the cache at all."""

import pytest

from ported_domains.shared.caching.rules import asks_for_what_all_get, may_be_kept


@pytest.mark.parametrize(
    ("method", "headers", "cookies", "fit"),
    [
        ("GET", {}, (), True),
        ("HEAD", {"accept": "*/*"}, ("_ga", "csrftoken"), True),
        ("GET", {}, ("messages",), False),
        ("GET", {"content-length": "0"}, (), True),
        ("GET", {}, ("sessionid",), False),
        ("GET", {"authorization": "Basic eA=="}, (), False),
        ("GET", {"content-length": "3"}, (), False),
        ("GET", {"transfer-encoding": "chunked"}, (), False),
        ("POST", {}, (), False),
        ("OPTIONS", {}, (), False),
    ],
)
def test_requests(
    method: str, headers: dict[str, str], cookies: tuple[str, ...], fit: bool
) -> None:
    assert asks_for_what_all_get(method, headers, cookies, ("sessionid", "messages")) is fit


def test_nobody_is_known_without_sessions() -> None:
    assert asks_for_what_all_get("GET", {}, ("sessionid",), ())


@pytest.mark.parametrize(
    ("status", "header", "fit"),
    [
        (200, (b"content-type", b"text/html"), True),
        (301, (b"location", b"/"), True),
        (302, (b"location", b"/"), True),
        (404, (b"cache-control", b"max-age=300"), True),
        (200, (b"Vary", b"Cookie"), True),
        (200, (b"Set-Cookie", b"a=b"), False),
        (200, (b"Cache-Control", b"max-age=60, Private"), False),
        (200, (b"cache-control", b"no-store"), False),
        (200, (b"cache-control", b'no-cache="x"'), False),
        (200, (b"vary", b"Cookie, Accept"), False),
        (200, (b"vary", b"Accept-Encoding"), False),
        (200, (b"vary", b"*"), False),
        (206, (b"content-type", b"text/html"), False),
        (304, (b"content-type", b"text/html"), False),
        (403, (b"content-type", b"text/html"), False),
        (503, (b"content-type", b"text/html"), False),
    ],
)
def test_answers(status: int, header: tuple[bytes, bytes], fit: bool) -> None:
    assert may_be_kept(status, (header,)) is fit
