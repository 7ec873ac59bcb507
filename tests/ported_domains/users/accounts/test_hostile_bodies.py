"""Bodies and queries that no form of ours makes: refused, or read as Django reads them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest

from tests.ported_domains.users.accounts.hostile import FORM, fingerprints, seen, with_token
from tests.ported_domains.users.accounts.sides import Answer, Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

LOGIN = "/accounts/login/"
MULTIPART = "multipart/form-data; boundary=XX"
Body = Callable[[str], bytes]
"""Made with the visitor's token."""


def plain(token: str) -> bytes:
    return f"csrfmiddlewaretoken={token}&login=nobody&password=y".encode()


def with_more(more: bytes) -> Body:
    return lambda token: plain(token) + more


def parts(*fields: tuple[str, bytes], parameters: str = "", boundary: str = "XX") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="'
    return b"".join(
        f'{head}{name}"{parameters}\r\n\r\n'.encode() + value + b"\r\n" for name, value in fields
    )


def login(token: str, login: bytes = b"nobody", password: bytes = b"y") -> bytes:
    return parts(("csrfmiddlewaretoken", token.encode()), ("login", login), ("password", password))


END = b"--XX--\r\n"


def multipart(*more: tuple[str, bytes], parameters: str = "") -> Body:
    return lambda token: login(token) + parts(*more, parameters=parameters) + END


def half_a_character(token: str) -> bytes:
    """In the character set `unicode_escape`."""
    return login(token, rb"nobody\ud800", rb"\udfff") + END


ALIKE: Mapping[str, tuple[str | None, Body, int]] = MappingProxyType(
    {
        "as it should be": (FORM, plain, 200),
        "UTF-8": (f"{FORM}; charset=utf-8", plain, 200),
        "capitals": (FORM.upper(), plain, 200),
        "unknown charset": (f"{FORM}; charset=nonsense", plain, 200),
        "no type": (None, plain, 403),
        "empty type": ("", plain, 403),
        "text": ("text/plain", plain, 403),
        "JSON": (
            "application/json",
            lambda token: b'{"csrfmiddlewaretoken":"%s"}' % token.encode(),
            403,
        ),
        "another multipart": ("multipart/mixed; boundary=XX", multipart(), 403),
        "other separator": (FORM, lambda token: plain(token).replace(b"&", b";"), 403),
        "not UTF-8": (FORM, with_more(b"&login=%ff%fe&password=%ed%a0%80"), 200),
        "octets that are not UTF-8": (FORM, with_more(b"&login=\xff\xfe"), 200),
        "NUL": (FORM, with_more(b"&login=%00&password=%00"), 200),
        "the last field counts": (FORM, with_more(b"&login="), 200),
        "1001 fields": (FORM, with_more(b"&a=b" * 998), 400),
        "1000 fields": (FORM, with_more(b"&a=b" * 997), 200),
        "no fields, many": (FORM, with_more(b"&" * 2000), 400),
        "3 MB": (FORM, with_more(b"&a=" + b"b" * 3_000_000), 400),
        "multipart": (MULTIPART, multipart(), 200),
        "multipart, no boundary": ("multipart/form-data", multipart(), 400),
        "multipart, empty boundary": ("multipart/form-data; boundary=", multipart(), 400),
        "multipart, long boundary": (
            f"multipart/form-data; boundary={'X' * 300}",
            multipart(),
            400,
        ),
        "multipart, unknown charset": (f"{MULTIPART}; charset=nonsense", multipart(), 200),
        "multipart, 1001 fields": (MULTIPART, multipart(*[("a", b"b")] * 998), 400),
        "multipart, 3 MB": (MULTIPART, multipart(("a", b"b" * 3_000_000)), 400),
        "multipart, long header": (
            MULTIPART,
            multipart(("a", b""), parameters="; x=" + "y" * 2000),
            400,
        ),
        "multipart, a file": (
            MULTIPART,
            multipart(("login", b"file"), parameters='; filename="a.txt"'),
            200,
        ),
        "multipart, 3 MB of file": (
            MULTIPART,
            multipart(("a", b"b" * 3_000_000), parameters='; filename="a.txt"'),
            200,
        ),
        "multipart, 101 files": (
            MULTIPART,
            multipart(*[("a", b"b")] * 101, parameters='; filename="a.txt"'),
            400,
        ),
        "multipart, the token is a file": (
            MULTIPART,
            lambda token: (
                parts(("csrfmiddlewaretoken", token.encode()), parameters='; filename="a.txt"')
                + END
            ),
            403,
        ),
    }
)
"""Content type and body of a login, and the status of both sides."""
OTHERWISE: Mapping[str, tuple[str, Body, int, int]] = MappingProxyType(
    {
        # Django fails outside of what it answers for.
        "Latin-1": (f"{FORM}; charset=latin-1", plain, 500, 400),
        "UTF-8 without the dash": (f"{FORM}; charset=utf8", plain, 500, 400),
        "RFC 2231, unknown": (f"{FORM}; charset*=nonsense''utf-8", plain, 500, 400),
        "multipart, no charset for texts": (f"{MULTIPART}; charset=rot13", multipart(), 500, 200),
        "multipart, undefined": (f"{MULTIPART}; charset=undefined", multipart(), 500, 200),
        "multipart, deflated": (f"{MULTIPART}; charset=zlib", multipart(), 500, 200),
        "half a character": (f"{MULTIPART}; charset=unicode_escape", half_a_character, 500, 200),
        "half a character in UTF-7": (
            f"{MULTIPART}; charset=utf-7",
            multipart(("login", b"+2AA-")),
            500,
            200,
        ),
        # Django takes what comes to an early end; browsers send no such thing.
        "multipart without end": (MULTIPART, login, 200, 400),
        "multipart of another boundary": (f"{MULTIPART}Y", multipart(), 403, 400),
        "multipart of nothing": (MULTIPART, lambda _: b"", 403, 400),
    }
)
"""With the status of the legacy site and ours."""
PATHS = (
    LOGIN,
    "/accounts/signup/",
    "/accounts/logout/",
    "/accounts/password/reset/",
    "/accounts/password/reset/key/1-a-b/",
    "/accounts/confirm-email/a:b:c/",
)


async def post(side: Side, content_type: str | None, body: Body) -> Answer:
    browser = side.browser()
    token = await with_token(browser)
    return await browser.send("POST", LOGIN, body(token), content_type=content_type)


@pytest.mark.parametrize("name", ALIKE)
async def test_alike(both: tuple[Side, Side], name: str) -> None:
    content_type, body, status = ALIKE[name]
    legacy, native = [
        await seen(side, lambda side: post(side, content_type, body)) for side in both
    ]
    assert native == legacy
    assert (native.status, native.changed, native.mailed) == (status, frozenset(), ())


@pytest.mark.parametrize("name", OTHERWISE)
async def test_otherwise(both: tuple[Side, Side], name: str) -> None:
    content_type, body, *statuses = OTHERWISE[name]
    for side, status in zip(both, statuses, strict=True):
        before = await fingerprints(side)
        assert (await post(side, content_type, body)).status == status
        assert await fingerprints(side) == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("&".join(["a=b"] * 1001), 400),
        ("&" * 1001, 400),
        ("next=%00", 200),
        ("next=%ff%fe", 200),
        ("next=%ed%a0%80", 200),
        ("%", 200),
        ("=", 200),
        ("next", 200),
        ("email=%00@example.org", 200),
        ("email=%22%3E%3Cscript%3E", 200),
    ],
)
async def test_queries(both: tuple[Side, Side], path: str, query: str, status: int) -> None:
    legacy, native = [
        await seen(side, lambda side: side.browser().get(f"{path}?{query}")) for side in both
    ]
    assert native == legacy
    assert native.status == (302 if status == 200 and path == "/accounts/logout/" else status)
