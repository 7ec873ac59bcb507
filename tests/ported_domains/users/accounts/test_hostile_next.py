"""`next` never leads to another site, however it is written."""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlencode

import pytest

from tests.longer import sampled
from tests.ported_domains.users.accounts.hostile import submit
from tests.ported_domains.users.accounts.people import entered, fresh_address, newcomer, sent
from tests.ported_domains.users.accounts.sides import Browser, Side
from tests.ported_domains.users.accounts.test_confirmation import link

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

ELSEWHERE = (
    "//elsewhere.example.com",
    "///elsewhere.example.com",
    "////elsewhere.example.com",
    "\\\\elsewhere.example.com",
    "/\\elsewhere.example.com",
    "\\/elsewhere.example.com",
    "/\\/elsewhere.example.com",
    "https:elsewhere.example.com",
    "https:/elsewhere.example.com",
    "https:///elsewhere.example.com",
    "https:\\\\elsewhere.example.com",
    "https://elsewhere.example.com",
    "HTTPS://ELSEWHERE.EXAMPLE.COM",
    "http:/\\elsewhere.example.com",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "javascript://www.example.org/%0aalert(1)",
    "data:text/html,hello",
    "vbscript:hello",
    "blob:https://www.example.org/x",
    "view-source:hello",
    "ftp://elsewhere.example.com",
    "ftp://www.example.org/",
    "mailto:someone@example.org",
    "\t//elsewhere.example.com",
    "/\t/elsewhere.example.com",
    "//\telsewhere.example.com",
    "\x01//elsewhere.example.com",
    "\0//elsewhere.example.com",
    "//elsewhere\0.example.com",
    "\u2028//elsewhere.example.com",
    "\u00a0//elsewhere.example.com",
    "\ufeff//elsewhere.example.com",
    "//elsewhere.example.com\\@www.example.org",
    "//www.example.org@elsewhere.example.com",
    "https://www.example.org:x@elsewhere.example.com",
    "https://www.example.org\\.elsewhere.example.com",
    "https://www.example.org%00.elsewhere.example.com",
    "//elsewhere.example.com#.example.org",
    "//elsewhere.example.com?.example.org",
    "//www.example.org\\elsewhere.example.com",
    "//elsewhere\u3002com",
    "//\uff45lsewhere.example.com",
    "//www.example.org\u3002",
    "//elsewhere.example.com\u3002example.org",
    "//[::1]",
    "//127.1/",
    "http://2130706433/",
    "//www.example.org:99999/",
    "//www.example.org:port/",
    "/" + "x" * 2100,
    "//elsewhere.example.com/" + "x" * 3000,
)
NO_URLS = ("//[::1", "https://[elsewhere", "//elsewhere.example.com\uff0f.example.org")
"""The legacy site fails."""
HERE = {
    "/about/": "/about/",
    "/" + "x" * 2000: "/" + "x" * 2000,
    "/\u202ehtap/": "/%E2%80%AEhtap/",
    "/ok\r\nSet-Cookie: a=b": "/ok%0D%0ASet-Cookie:%20a=b",
    "/ok%0d%0aSet-Cookie:a=b": "/ok%0d%0aSet-Cookie:a=b",
    "/@elsewhere.example.com": "/@elsewhere.example.com",
    "@elsewhere.example.com": "@elsewhere.example.com",
    "..//elsewhere.example.com": "..//elsewhere.example.com",
    "/..//elsewhere.example.com": "/..//elsewhere.example.com",
    "?query": "?query",
    "#fragment": "#fragment",
    "//www.example.org/path": "//www.example.org/path",
    "//docs.example.org/path": "//docs.example.org/path",
    "//someone@www.example.org": "//someone@www.example.org",
    "//elsewhere.example.com@www.example.org": "//elsewhere.example.com@www.example.org",
}
"""With the header that leads there: hosts of ours, or paths."""
LOGIN = "/accounts/login/"
SIGNUP = "/accounts/signup/"
LOGOUT = "/accounts/logout/"
CODE = "/accounts/login/code/confirm/"
RESET = "/accounts/password/reset/"


async def ways(side: Side, inside: Browser, wanted: str) -> dict[str, str | None]:
    """Where each page that knows `next` leads to with it, be it in the query or in the form."""
    query = "?next=" + quote(wanted, safe="")
    guest = side.browser()
    asked = {
        "login": await inside.get(LOGIN + query),
        "posted login": await submit(inside, LOGIN, {"next": wanted}),
        "sign-up": await inside.get(SIGNUP + query),
        "posted sign-up": await submit(inside, SIGNUP, {"next": wanted}),
        "code": await inside.get(CODE + query),
        "logout": await guest.get(LOGOUT + query),
        "posted logout": await submit(guest, LOGOUT, {"next": wanted}),
        "reset": await submit(guest, RESET, {"email": fresh_address(), "next": wanted}),
    }
    assert {answer.status for answer in asked.values()} == {302}
    for answer in asked.values():
        assert not {*answer.cookies} - {"csrftoken", "sessionid"}
    return {name: answer.location for name, answer in asked.items()}


def as_if_without(names: Iterable[str]) -> dict[str, str]:
    return {name: f"{RESET}done/" if name == "reset" else "/" for name in names}


@pytest.mark.parametrize("wanted", sampled(ELSEWHERE, short=18), ids=ascii)
async def test_elsewhere(side: Side, wanted: str) -> None:
    inside = await entered(side, await newcomer(side))
    led = await ways(side, inside, wanted)
    assert led == as_if_without(led)


@pytest.mark.parametrize("wanted", NO_URLS, ids=ascii)
async def test_what_is_no_url(native_accounts: Side, wanted: str) -> None:
    inside = await entered(native_accounts, await newcomer(native_accounts))
    led = await ways(native_accounts, inside, wanted)
    assert led == as_if_without(led)


@pytest.mark.parametrize("wanted", HERE, ids=ascii)
async def test_here(side: Side, wanted: str) -> None:
    """Log-out takes a word alone for one of the site's pages, as allauth does."""
    inside = await entered(side, await newcomer(side))
    led = await ways(side, inside, wanted)
    for name in [name for name in led if name.endswith("logout")]:
        logout = led.pop(name)
        assert logout in {HERE[wanted], f"/{HERE[wanted]}"}
    assert led == dict.fromkeys(led, HERE[wanted])


@pytest.mark.parametrize("wanted", sampled([*ELSEWHERE, *NO_URLS], short=14), ids=ascii)
async def test_links_to_other_pages_do_not_carry_it_on(
    native_accounts: Side, legacy_accounts: Side, wanted: str
) -> None:
    """The form does, for the next page judges it again."""
    sides = (native_accounts,) if wanted in NO_URLS else (native_accounts, legacy_accounts)
    for side in sides:
        for path, other in ((LOGIN, SIGNUP), (SIGNUP, LOGIN)):
            page = await side.browser().get(f"{path}?{urlencode({'next': wanted})}")
            assert page.status == 200
            assert set(re.findall(rf'href="({other}[^"]*)"', page.text)) == {other}
            (field,) = re.findall(r'name="next" value="([^"]*)"', page.text)
            assert not {"<", ">"} & {*field}


@pytest.mark.parametrize("wanted", ELSEWHERE[:12] + NO_URLS, ids=ascii)
async def test_after_a_confirmation(
    native_accounts: Side, legacy_accounts: Side, wanted: str
) -> None:
    sides = (native_accounts,) if wanted in NO_URLS else (native_accounts, legacy_accounts)
    for side in sides:
        person = await newcomer(side, verified=False)
        path = await link(side, person.email, person)
        answer = await submit(side.browser(), path, {"next": wanted})
        assert sent(answer) == (302, LOGIN)


async def test_it_is_markup_nowhere(side: Side) -> None:
    wanted = '/"><script>alert(1)</script>'
    for path in (LOGIN, SIGNUP, RESET):
        page = await side.browser().get(f"{path}?{urlencode({'next': wanted})}")
        assert "<script>alert(1)" not in page.text
