"""Requests that no browser sends, and what each side makes of them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.header import decode_header
from email.message import EmailMessage
from urllib.parse import urlencode

from legacy_bridge.django.csrf_token import FIELD
from tests.ported_domains.users.accounts.sides import HONEYPOT, Answer, Browser, Side

FORM = "application/x-www-form-urlencoded"
TABLES = (
    "users_user",
    "account_emailaddress",
    "authtoken_token",
    "tastypie_apikey",
    "django_session",
)
Hostile = Callable[[Side], Awaitable[Answer]]


@dataclass(frozen=True)
class Seen:
    """What a request came to. `cookies` are those that were set, `-name` those that were deleted;
    the CSRF cookie is left out, which either side may renew at any time."""

    status: int
    location: str | None
    errors: tuple[str, ...]
    cookies: frozenset[str]
    changed: frozenset[str]
    mailed: tuple[str, ...]


REFUSED = Seen(403, None, (), frozenset(), frozenset(), ())


async def seen(side: Side, hostile: Hostile) -> Seen:
    before = await fingerprints(side)
    side.new_mails()
    answer = await hostile(side)
    after = await fingerprints(side)
    return Seen(
        answer.status,
        answer.location,
        tuple(answer.errors),
        frozenset(cookie_changes(answer)),
        frozenset(table for table in TABLES if before[table] != after[table]),
        tuple(recipient(mail) for mail in side.new_mails()),
    )


async def alike(both: tuple[Side, Side], hostile: Hostile) -> Seen:
    """The same on both sides."""
    legacy, native = [await seen(side, hostile) for side in both]
    assert native == legacy
    return native


async def fingerprints(side: Side) -> dict[str, str]:
    """By table; another one if any row has changed."""
    return {table: await _fingerprint(side, table) for table in TABLES}


async def _fingerprint(side: Side, table: str) -> str:
    rows = f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) AS all FROM {table} t"
    return str((await side.row(rows))["all"])


def cookie_changes(answer: Answer) -> set[str]:
    return {
        f"-{name}" if morsel["max-age"] == "0" else name
        for name, morsel in answer.cookies.items()
        if name != "csrftoken"
    }


def recipient(mail: EmailMessage) -> str:
    """As it was written, were it an address or not."""
    written = next(str(value) for name, value in mail.raw_items() if name == "To")
    return "".join(
        part if isinstance(part, str) else part.decode(charset or "ascii")
        for part, charset in decode_header(written)
    )


async def with_token(browser: Browser) -> str:
    """The visitor's secret, which is a good token as it is."""
    if "csrftoken" not in browser.cookies:
        await browser.get("/accounts/login/")
    return browser.cookies["csrftoken"]


async def submit(
    browser: Browser, path: str, form: Mapping[str, str], **headers: str | None
) -> Answer:
    """The form as a browser would send it: with token and honeypot."""
    values = {FIELD: await with_token(browser), **HONEYPOT, **form}
    headers = {"content_type": FORM, **headers}
    return await browser.send("POST", path, urlencode(values).encode(), **headers)
