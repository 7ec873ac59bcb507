"""Status, header fields and cookies."""

import pytest

from proxy.parity.compare import compare
from proxy.parity.config import ParityConfig
from proxy.parity.finding import Difference, Kind
from tests.proxy.parity.sides import answer, asked, fields, found

Pair = tuple[str, str]

ALIKE: list[tuple[list[Pair], list[Pair]]] = [
    ([("Vary", "Cookie, Accept")], [("Vary", "accept"), ("vary", "Cookie")]),
    ([("Cache-Control", "max-age=0, private")], [("Cache-Control", "private,max-age=0")]),
    ([("Allow", "GET, HEAD")], [("Allow", "HEAD, GET")]),
    ([("Location", "/b/?x=1")], [("Location", "http://www.example.org/b/?x=1")]),
    ([("Location", "b/")], [("Location", "/a/b/")]),
    ([("X-Frame-Options", "DENY")], [("X-Frame-Options", "deny")]),
    ([("Surrogate-Key", "a b")], [("Surrogate-Key", "b  a")]),
    ([("Date", "1"), ("Server", "x"), ("X-Request-ID", "1")], [("Strangler-Owner", "native")]),
    ([("Content-Length", "5")], [("Transfer-Encoding", "chunked")]),
    (
        [("Last-Modified", "Fri, 20 Nov 2026 12:00:01 GMT")],
        [("Last-Modified", "Fri, 20 Nov 2026 11:59:58 GMT")],
    ),
    (
        [("Content-Security-Policy", "script-src 'nonce-abcdefgh123' 'self'")],
        [("Content-Security-Policy", "script-src 'self' 'nonce-ABCDEFGH987'")],
    ),
]


@pytest.mark.parametrize(("control", "candidate"), ALIKE)
def test_fields_that_mean_the_same(control: list[Pair], candidate: list[Pair]) -> None:
    assert found(compare(asked(), fields(*control), fields(*candidate))) == []


DIFFERENT: list[tuple[list[Pair], list[Pair], str, str]] = [
    ([("Vary", "Cookie")], [], "header:vary", "missing"),
    ([], [("X-New", "1")], "header:x-new", "extra"),
    (
        [("Cache-Control", "max-age=300")],
        [("Cache-Control", "max-age=30")],
        "header:cache-control",
        "differs",
    ),
    ([("Location", "/b/")], [("Location", "/b")], "header:location", "differs"),
    (
        [("Location", "/b/")],
        [("Location", "http://other.example/b/")],
        "header:location",
        "differs",
    ),
    (
        [("Last-Modified", "Fri, 20 Nov 2026 12:00:01 GMT")],
        [("Last-Modified", "Thu, 19 Nov 2026 12:00:01 GMT")],
        "header:last-modified",
        "differs",
    ),
    ([("ETag", '"a"')], [("ETag", '"b"')], "header:etag", "differs"),
    (
        [("Content-Security-Policy", "script-src 'nonce-abcdefgh123'")],
        [("Content-Security-Policy", "script-src 'self'")],
        "header:content-security-policy",
        "differs",
    ),
]


@pytest.mark.parametrize(("control", "candidate", "path", "kind"), DIFFERENT)
def test_fields_that_do_not(
    control: list[Pair], candidate: list[Pair], path: str, kind: str
) -> None:
    assert found(compare(asked(), fields(*control), fields(*candidate))) == [(path, kind)]


def test_where_the_status_differs_nothing_else_is_compared() -> None:
    result = compare(asked(), answer("<p>a"), answer("<p>b", "text/plain", status=500))
    assert result.differences == (Difference("status", Kind.DIFFERS, "200", "500"),)
    assert result.notes == ("the statuses differ: nothing else was compared",)


def test_where_the_media_type_differs_the_body_is_not_compared() -> None:
    result = compare(asked(), answer("<p>a"), answer("<p>b", "text/plain; charset=utf-8"))
    assert found(result) == [("header:content-type", "differs")]


def test_the_form_of_a_media_type_does_not_matter() -> None:
    assert compare(
        asked(), answer("a", "text/html; charset=utf-8"), answer("a", 'Text/HTML;charset="UTF-8"')
    ).equal


def test_an_entity_tag_of_another_body_must_only_be_as_strong() -> None:
    one = answer("<p>a</p>", "text/html", ("ETag", '"a"'))
    assert compare(asked(), one, answer("<p>a</p> ", "text/html", ("ETag", '"b"'))).equal
    weak = answer("<p>a</p> ", "text/html", ("ETag", 'W/"b"'))
    assert found(compare(asked(), one, weak)) == [("header:etag", "differs")]


CSRF = "csrftoken={}; expires=Fri, 19 Nov 2027 12:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax"
COOKIES = [
    (
        CSRF.format("a" * 32),
        CSRF.format("b" * 32).replace(
            "expires=Fri, 19 Nov 2027 12:00:00", "Expires=Fri, 19 Nov 2027 12:00:03"
        ),
        [],
    ),
    (CSRF.format("a" * 32), CSRF.format("b" * 31), [("cookie:csrftoken:value", "differs")]),
    (
        CSRF.format("a" * 32),
        CSRF.format("a" * 32).replace("31449600", "60"),
        [("cookie:csrftoken:expires", "differs"), ("cookie:csrftoken:max-age", "differs")],
    ),
    (
        CSRF.format("a" * 32),
        CSRF.format("a" * 32) + "; Secure",
        [("cookie:csrftoken:secure", "extra")],
    ),
    (
        CSRF.format("a" * 32),
        CSRF.format("a" * 32).replace("Lax", "None"),
        [("cookie:csrftoken:samesite", "differs")],
    ),
    (
        "sessionid=" + "a" * 32 + "; HttpOnly",
        "sessionid=" + "b" * 32,
        [("cookie:sessionid:httponly", "missing")],
    ),
    (
        'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0',
        "sessionid=; expires=Fri, 02 Jan 1970 00:00:00 GMT; Max-Age=0",
        [],
    ),
    ("a=1", "b=1", [("cookie:a", "missing"), ("cookie:b", "extra")]),
]


@pytest.mark.parametrize(("control", "candidate", "expected"), COOKIES)
def test_cookies(control: str, candidate: str, expected: list[tuple[str, str]]) -> None:
    sides = (fields(("Set-Cookie", control)), fields(("Set-Cookie", candidate)))
    assert found(compare(asked(), *sides)) == expected


def test_the_value_of_a_cookie_is_never_shown() -> None:
    sides = (fields(("Set-Cookie", "who=alice")), fields(("Set-Cookie", "who=bob")))
    assert compare(asked(), *sides).differences == (
        Difference("cookie:who:value", Kind.DIFFERS, "(5 characters)", "(3 characters)"),
    )


@pytest.mark.parametrize("ignored", ["header:x-new", "header:x-*", "header:*", "*"])
def test_what_may_differ_is_left_out(ignored: str) -> None:
    config = ParityConfig(ignored=(ignored,))
    assert compare(asked(), fields(), fields(("X-New", "1")), config).equal


@pytest.mark.parametrize("ignored", ["header:x-newer", "header:x", "x-new"])
def test_only_that(ignored: str) -> None:
    config = ParityConfig(ignored=(ignored,))
    assert not compare(asked(), fields(), fields(("X-New", "1")), config).equal
