"""Message cookies that are not what Django or we write."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from legacy_bridge.django.messages.storage import SALT
from legacy_bridge.django.signing import TimestampSigner, cookie_signer
from proxy.demo.parts import SECRET_KEY
from tests.ported_domains.users.accounts.sides import Side

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

LOGIN = "/accounts/login/"
SIGNER = cookie_signer(SECRET_KEY, salt=SALT)


def listed(*messages: str) -> bytes:
    return f"[{','.join(messages)}]".encode()


def signed(octets: bytes, by: TimestampSigner = SIGNER) -> str:
    return by.sign_bytes(octets, compress=True)


HELLO = listed('["__json_message",0,20,"hello",""]')
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "unsigned": "W10",
        "words": "hello",
        "empty": "",
        "colons": "::",
        "large": "a" * 6000,
        "NUL": '"\\000"',
        "last letter gone": signed(HELLO)[:-1],
        "first letter gone": signed(HELLO)[1:],
        "another key": signed(HELLO, cookie_signer("another", salt=SALT)),
        "another salt": signed(HELLO, cookie_signer(SECRET_KEY, salt="another")),
        "not a cookie's signer": signed(HELLO, TimestampSigner(SECRET_KEY, salt=SALT)),
        "bomb": signed(b"[" + b" " * 5_000_000 + b"]"),
        "null": signed(b"null"),
        "not JSON": signed(b"[1,"),
        "signed, not base64": SIGNER.sign("x"),
    }
)
"""Show nothing, on either side."""
SIGNED_NONSENSE: Mapping[str, str] = MappingProxyType(
    {
        "nested": signed(b"[" * 100_000 + b"]" * 100_000),
        "without end": signed(b"[" * 100_000),
        "object": signed(b'{"a":1}'),
        "number": signed(b"5"),
        "level is a text": signed(listed('["__json_message",0,"x","hello",""]')),
        "level is null": signed(listed('["__json_message",0,null,"hello",""]')),
        "level is no number": signed(listed('["__json_message",0,NaN,"hello",""]')),
        "too short": signed(listed('["__json_message"]')),
        "too long": signed(listed('["__json_message",0,20,"hello","b","c"]')),
        "signed, not deflated": SIGNER.sign(".xxxx"),
    }
)
"""The legacy site fails for these; nobody can make them without the key."""
SHOWN: Mapping[str, tuple[str, list[str]]] = MappingProxyType(
    {
        "as written": (signed(HELLO), ["hello"]),
        "more elsewhere": (
            signed(listed(HELLO.decode()[1:-1], '"__messagesnotfinished__"')),
            ["hello"],
        ),
        "all elsewhere": (signed(listed('"__messagesnotfinished__"')), []),
        "HTML": (
            signed(listed('["__json_message",0,20,"<b>hello</b>",""]')),
            ["&lt;b&gt;hello&lt;/b&gt;"],
        ),
        "safe HTML": (
            signed(listed('["__json_message",1,20,"<b>hello</b>",""]')),
            ["<b>hello</b>"],
        ),
        "tags": (
            signed(listed(r'["__json_message",0,20,"hello","\"><script>alert(1)</script>"]')),
            ["hello"],
        ),
    }
)


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(side: Side, name: str) -> None:
    browser = side.browser()
    browser.cookies["messages"] = REFUSED[name]
    page = await browser.get(LOGIN)
    assert (page.status, page.messages) == (200, [])


@pytest.mark.parametrize("name", SIGNED_NONSENSE)
async def test_signed_nonsense(both: tuple[Side, Side], name: str) -> None:
    for side in both:
        browser = side.browser()
        browser.cookies["messages"] = SIGNED_NONSENSE[name]
        page = await browser.get(LOGIN)
        assert (page.status, page.messages) == (200 if side.is_native else 500, [])


@pytest.mark.parametrize("name", SHOWN)
async def test_shown(side: Side, name: str) -> None:
    browser = side.browser()
    browser.cookies["messages"], messages = SHOWN[name]
    page = await browser.get(LOGIN)
    assert (page.status, page.messages) == (200, messages)
    assert "<script>alert(1)" not in page.text
    if messages:
        assert page.cookies["messages"]["max-age"] == "0"
        assert (await browser.get(LOGIN)).messages == []
