"""No form is taken from elsewhere: every way to get the token wrong, at every URL of accounts."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from legacy_bridge.django.csrf_token import mask
from ported_domains.users.accounts.urls import ROUTES
from tests.longer import sampled
from tests.ported_domains.users.accounts.hostile import (
    FORM,
    REFUSED,
    alike,
    fingerprints,
    seen,
    submit,
    with_token,
)
from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import Answer, Browser, Side
from tests.ported_domains.wire import ask

pytestmark = [pytest.mark.parity, pytest.mark.usefixtures("no_traceback", "no_cover")]

PATHS: Mapping[str, str] = MappingProxyType(
    {
        "signup/": "signup/",
        "login/": "login/",
        "logout/": "logout/",
        "inactive/": "inactive/",
        "reauthenticate/": "reauthenticate/",
        "email/": "email/",
        "confirm-email/": "confirm-email/",
        "password/change/": "password/change/",
        "password/set/": "password/set/",
        "login/code/confirm/": "login/code/confirm/",
        r"^confirm-email/(?P<key>[-:\w]+)/$": "confirm-email/a:b:c/",
        "password/reset/": "password/reset/",
        "password/reset/key/done/": "password/reset/key/done/",
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-a-b/",
        "password/reset/done/": "password/reset/done/",
    }
)
"""By route, a URL of it."""
OURS, OTHER = "a" * 32, "b" * 32
GOOD: Mapping[str, tuple[str | None, str | None, str | None]] = MappingProxyType(
    {
        "masked": (OURS, mask(OURS), None),
        "plain": (OURS, OURS, None),
        "in the header": (OURS, None, OURS),
        "masked in the header": (OURS, None, mask(OURS)),
        "masked cookie": (mask(OURS), OURS, None),
        "empty field, header": (OURS, "", OURS),
        "the field counts": (OURS, OURS, OTHER),
        "quoted cookie": (f'"{OURS}"', OURS, None),
        "the last cookie": (f"{OTHER}; csrftoken={OURS}", OURS, None),
        "the last field": (OURS, f"{OTHER}&csrfmiddlewaretoken={OURS}", None),
    }
)
"""Cookie, field as it is written in a form, header."""
BAD: Mapping[str, tuple[str | None, str | None, str | None]] = MappingProxyType(
    {
        "nothing": (None, None, None),
        "no cookie": (None, mask(OURS), None),
        "no cookie, header": (None, None, OURS),
        "empty cookie": ("", "", None),
        "empty cookie, field": ("", OURS, None),
        "no field": (OURS, None, None),
        "empty field": (OURS, "", None),
        "empty header": (OURS, None, ""),
        "somebody else's": (OURS, mask(OTHER), None),
        "somebody else's header": (OURS, None, OTHER),
        "the field counts": (OURS, OTHER, OURS),
        "too short": (OURS, OURS[:-1], None),
        "too long": (OURS, OURS + "a", None),
        "a masked one too short": (OURS, mask(OURS)[:-1], None),
        "a masked one too long": (OURS, mask(OURS) + "a", None),
        "cookie too short": (OURS[:-1], OURS[:-1], None),
        "characters": (OURS, "-" * 32, None),
        "characters in the cookie": ("%" * 32, OURS, None),
        "octets in the cookie": ("\\303" * 16, OURS, None),
        "case": (OURS, OURS.upper(), None),
        "space": (OURS, "+" + OURS, None),
        "NUL": (OURS, OURS[:-1] + "%00", None),
        "large cookie": ("a" * 6000, "a" * 6000, None),
        "not ASCII": (OURS, "%C3%A9" * 32, None),
        "look-alike": (OURS, "%EF%BD%81" * 32, None),
        "half a character": (OURS, "%ED%A0%80" * 32, None),
        "the last cookie": (f"{OURS}; csrftoken={OTHER}", OURS, None),
        "the last field": (OURS, f"{OURS}&csrfmiddlewaretoken={OTHER}", None),
    }
)

MALFORMED = {
    "empty cookie",
    "empty cookie, field",
    "cookie too short",
    "characters in the cookie",
    "octets in the cookie",
    "large cookie",
}
"""These cookies are replaced at once."""


async def post(
    browser: Browser, path: str, cookie: str | None, field: str | None, header: str | None
) -> Answer:
    browser.cookies.pop("csrftoken", None)
    if cookie is not None:
        browser.cookies["csrftoken"] = cookie
    body = "email_body_text=write+your+message"
    if field is not None:
        body += f"&csrfmiddlewaretoken={field}"
    return await browser.send("POST", path, body.encode(), content_type=FORM, x_csrftoken=header)


def test_no_route_is_forgotten() -> None:
    assert [*PATHS] == [route.source for route in ROUTES]
    assert not any(route.csrf_exempt for route in ROUTES)


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("route", sampled(PATHS, short=4))
async def test_refused(side: Side, route: str, signed_in: bool) -> None:
    browser = await entered(side, await newcomer(side)) if signed_in else side.browser()
    before = await fingerprints(side)
    answers = {name: await post(browser, f"/accounts/{PATHS[route]}", *BAD[name]) for name in BAD}
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(BAD, 403)
    assert {name for name in BAD if "csrftoken" in answers[name].cookies} == MALFORMED
    assert await fingerprints(side) == before
    assert side.new_mails() == []


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("route", sampled(PATHS, short=5))
async def test_let_in(both: tuple[Side, Side], route: str, signed_in: bool) -> None:
    """Each to somebody who comes anew."""
    found = []
    for side in both:
        answers = []
        for name in GOOD:
            browser = await entered(side, await newcomer(side)) if signed_in else side.browser()
            answers.append(sent(await post(browser, f"/accounts/{PATHS[route]}", *GOOD[name])))
        found.append(answers)
    assert found[0] == found[1]
    assert 403 not in {status for status, _ in found[1]}


@pytest.mark.parametrize("method", sampled(["PUT", "PATCH", "DELETE", "FOO"], short=2))
@pytest.mark.parametrize("path", ["login/", "logout/", "email/", "inactive/", "password/set/"])
async def test_other_methods_need_it_in_the_header(side: Side, method: str, path: str) -> None:
    """The form of a PUT is no form to Django."""
    browser = await entered(side, await newcomer(side))
    body = f"csrfmiddlewaretoken={browser.cookies['csrftoken']}".encode()
    before = await fingerprints(side)
    answer = await browser.send(method, f"/accounts/{path}", body, content_type=FORM)
    assert answer.status == 403
    assert await fingerprints(side) == before


@pytest.mark.parametrize(
    ("method", "at_gunicorn"),
    [("post", 400), ("Post", 400), ("get", 400), ("GE", 400), ("POSTS", 403), ("TRACE", 405)],
)
async def test_methods_that_only_look_like_one(side: Side, method: str, at_gunicorn: int) -> None:
    """Whoever is logged in stays so. Gunicorn lets no small letters through to Django."""
    browser = await entered(side, await newcomer(side))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    before = await fingerprints(side)
    reply = await ask(str(side.client.base_url), method, "/accounts/logout/", Cookie=cookies)
    assert reply.status == (at_gunicorn if method == "TRACE" or not side.is_native else 403)
    assert await fingerprints(side) == before


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_a_method_in_a_header_is_not_looked_at(side: Side, name: str) -> None:
    browser = await entered(side, await newcomer(side))
    before = await fingerprints(side)
    answer = await browser.send("GET", "/accounts/logout/", b"", **{name: "POST"})
    assert answer.status == 200
    hidden = await browser.send("POST", "/accounts/logout/", b"", **{name: "GET"})
    assert hidden.status == 403
    assert await fingerprints(side) == before


ORIGINS = {
    "http://www.example.org": (302, 403),
    "https://www.example.org": (403, 302),
    "http://WWW.example.org": (403, 403),
    "http://www.example.org:80": (403, 403),
    "http://www.example.org/": (403, 403),
    "HTTP://www.example.org": (403, 403),
    "http://example.org": (403, 403),
    "http://elsewhere.example.com": (403, 403),
    "http://www.example.org.elsewhere.example.com": (403, 403),
    "http://www.example.org@elsewhere.example.com": (403, 403),
    "http://elsewhere.example.com@www.example.org": (403, 403),
    "http://www.example.org, http://elsewhere.example.com": (403, 403),
    "http://elsewhere.example.com http://www.example.org": (403, 403),
    "http://[::1": (403, 403),
    "http://": (403, 403),
    "//www.example.org": (403, 403),
    "www.example.org": (403, 403),
    "ftp://www.example.org": (403, 403),
    "file://": (403, 403),
    "null": (403, 403),
    "": (403, 403),
}
"""With the right token: the status without TLS and with it."""
REFERERS = {
    None: 403,
    "": 403,
    "null": 403,
    "https://www.example.org/accounts/login/": 302,
    "https://www.example.org": 302,
    "https://www.example.org:443/": 403,
    "https://WWW.EXAMPLE.ORG/": 403,
    "https://user@www.example.org/": 403,
    "http://www.example.org/": 403,
    "//www.example.org/": 403,
    "www.example.org": 403,
    "https:///path": 403,
    "https://[::1": 403,
    "https://elsewhere.example.com/": 403,
    "https://www.example.org.elsewhere.example.com/": 403,
    "https://elsewhere.example.com/https://www.example.org/": 403,
}
"""With the right token over TLS; without TLS none of them matters."""


@pytest.mark.parametrize(("tls", "origin"), [(tls, each) for tls in (0, 1) for each in ORIGINS])
async def test_origins(side: Side, tls: int, origin: str) -> None:
    scheme = "https" if tls else None
    answer = await submit(
        side.browser(), "/accounts/logout/", {}, origin=origin, x_forwarded_proto=scheme
    )
    assert answer.status == ORIGINS[origin][tls]


@pytest.mark.parametrize("referer", REFERERS)
async def test_referers(side: Side, referer: str | None) -> None:
    for scheme, status in (("https", REFERERS[referer]), (None, 302)):
        browser = side.browser()
        answer = await submit(
            browser, "/accounts/logout/", {}, referer=referer, x_forwarded_proto=scheme
        )
        assert (scheme, answer.status) == (scheme, status)


async def test_a_refusal_changes_nothing(both: tuple[Side, Side]) -> None:
    """Of whom it would log out, for instance."""

    for side in both:
        browser = await entered(side, await newcomer(side))

        async def log_out(_: Side, browser: Browser = browser) -> Answer:
            return await submit(
                browser, "/accounts/logout/", {}, origin="http://elsewhere.example.com"
            )

        assert await seen(side, log_out) == REFUSED


async def test_a_new_secret_comes_with_a_login(both: tuple[Side, Side]) -> None:
    """Who planted the old one cannot use it."""
    for side in both:
        person = await newcomer(side)
        browser = side.browser()
        await with_token(browser)
        planted = browser.cookies["csrftoken"]
        assert sent(await browser.log_in(person.name)) == (302, "/")
        assert browser.cookies["csrftoken"] != planted
        body = f"csrfmiddlewaretoken={planted}".encode()
        answer = await browser.send("POST", "/accounts/logout/", body, content_type=FORM)
        assert answer.status == 403


async def test_body_comes_after_the_cookie(both: tuple[Side, Side]) -> None:
    """Who has no secret gets nothing read."""
    body = b"&".join([b"a=b"] * 1001)

    async def too_many_fields(side: Side) -> Answer:
        return await side.browser().send("POST", "/accounts/login/", body, content_type=FORM)

    assert await alike(both, too_many_fields) == REFUSED
