"""Both APIs of pages asked on both sides, each over rows of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from legacy_bridge.replication.mapping import TableMapping
from ported_domains.boxes.mapping import MAPPING as BOXES
from ported_domains.downloads.mapping import MAPPING as DOWNLOADS
from ported_domains.pages.mapping import MAPPING as PAGES
from tests.ported_domains.downloads_writes.both import (
    HEADERS,
    SITE_HEADERS,
    Outcome,
    Side,
    Write,
)

V1, V2 = "/api/v1/pages/page/", "/api/v2/pages/page/"
CALLERS: Mapping[str, Mapping[str, str]] = {
    "guest": {V1: "", V2: ""},
    "member": {V1: "ApiKey u1_1:" + "b2" * 20, V2: "Token " + "2b" * 20},
    "stranger": {V1: "ApiKey staff1:wrong", V2: "Token wrong"},
    "staff": {V1: "ApiKey staff1:" + "c3" * 20, V2: "Token " + "3c" * 20},
}
OTHERS = ("guest", "member", "stranger")
MAPPINGS: tuple[TableMapping, ...] = (*BOXES, *PAGES, *DOWNLOADS)
"""Parents first."""


@dataclass(frozen=True, slots=True)
class Both:
    legacy: Side
    native: Side
    clients: tuple[httpx.AsyncClient, httpx.AsyncClient]
    """Legacy and native."""

    async def ask(self, write: Write, caller: str) -> tuple[Outcome, Outcome]:
        """What Django makes of it, and what the native side does; its tables are named alike."""
        legacy = await self.legacy.ask(write, _authorization(write, caller))
        native = await self.native.ask(write, _authorization(write, caller))
        rows = dict(zip(legacy.rows, native.rows.values(), strict=True))
        return legacy, Outcome(native.status, native.headers, native.body, rows)

    async def hear(self, write: Write, caller: str) -> tuple[Outcome, Outcome]:
        """The answers alone."""
        headers = write.headers(_authorization(write, caller))
        legacy, native = [
            await client.request(write.method, write.path, headers=headers, content=write.content)
            for client in self.clients
        ]
        return _heard(legacy), _heard(native)

    def rewind(self) -> None:
        self.legacy.rewind()
        self.native.rewind()


def _authorization(write: Write, caller: str) -> str:
    return CALLERS[caller][V1 if write.path.startswith("/api/v1/") else V2]


def _heard(answer: httpx.Response) -> Outcome:
    headers = {name: answer.headers.get(name) for name in (*HEADERS, *SITE_HEADERS)}
    is_page = len(answer.text) > 40 and (headers["content-type"] or "").startswith("text/html")
    return Outcome(answer.status_code, headers, "a page" if is_page else answer.text, {})


def legacy_tables() -> dict[str, list[str]]:
    return {one.legacy: [each.legacy for each in one.columns] for one in MAPPINGS}


def native_tables() -> dict[str, list[str]]:
    return {one.native: [each.native for each in one.columns] for one in MAPPINGS}
