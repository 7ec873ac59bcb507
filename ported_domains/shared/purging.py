"""Telling the CDN which answers to forget (behaviour/site.md §16): which, decided; and the telling.

A store says within its transaction what is outdated (`forget`), and `writing` tells the CDN once
the rows are committed: one that was told before would fetch the old answer again.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

SITE: Final = "https://www.python.org"
API: Final = "https://api.fastly.com"
TIMEOUT_SECONDS: Final = 30
CDN_KEY: Final = "cdn"
"""In the app's state: a `Cdn`, where the site has one."""
_OUTDATED: Final = "strangler.outdated"

log = logging.getLogger(__name__)


class CdnError(Exception):
    """The CDN could not be told. The rows are written all the same, as on the legacy side."""


@dataclass(frozen=True, slots=True)
class Outdated:
    """The answer at `path`; with a `key`, every answer that carries this surrogate key instead,
    where the CDN can be asked for that."""

    path: str
    key: str = ""


class Telling(NamedTuple):
    method: str
    url: str


def telling(outdated: Outdated, service_id: str | None) -> Telling:
    """The request that makes the CDN forget. Keys are a service's, so they need its id."""
    if outdated.key and service_id:
        return Telling("POST", f"{API}/service/{service_id}/purge/{outdated.key}")
    return Telling("PURGE", SITE + quote(outdated.path, safe="/%:@&=+$,;!*'()~"))


def forget(db: AsyncSession, *outdated: Outdated) -> None:
    """Once this session's transaction is committed."""
    db.info.setdefault(_OUTDATED, []).extend(outdated)


async def tell(cdn: "Cdn | None", db: AsyncSession) -> None:
    """What was noted in the session, in its order. `CdnError`."""
    outdated: list[Outdated] = db.info.pop(_OUTDATED, [])
    if cdn is not None:
        await cdn.forget(outdated)


@dataclass(frozen=True, slots=True)
class Cdn:
    """A service of Fastly's. `transport` stands for the network, in place of httpx's own."""

    api_key: str = field(repr=False)
    service_id: str | None = None
    transport: httpx.AsyncBaseTransport | None = None

    async def forget(self, several: Iterable[Outdated]) -> None:
        """One after the other, none twice. What the CDN answers does not matter, as on the legacy
        side, but is logged; `CdnError` where it cannot be reached, and then the rest is not told.
        """
        asked = dict.fromkeys(telling(one, self.service_id) for one in several)
        if not asked:
            return
        fields = {"Fastly-Key": self.api_key}
        async with httpx.AsyncClient(
            headers=fields, timeout=TIMEOUT_SECONDS, transport=self.transport, trust_env=False
        ) as client:
            for one in asked:
                await _ask(client, one)


async def _ask(client: httpx.AsyncClient, one: Telling) -> None:
    try:
        answer = await client.request(one.method, one.url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise CdnError(f"{one.method} {one.url}: {reason}") from error
    if answer.is_error:
        log.warning("the CDN refused %s %s: %s", one.method, one.url, answer.status_code)
