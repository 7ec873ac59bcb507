"""The same write sent to Django and to the native side, each over rows of its own."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

import httpx
import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from legacy_bridge.replication.mapping import TableMapping
from ported_domains.boxes.mapping import MAPPING as BOXES
from ported_domains.downloads.mapping import MAPPING as DOWNLOADS

V1, V2 = "/api/v1/downloads/", "/api/v2/downloads/"
HOST = "www.example.org"
CALLERS: Mapping[str, Mapping[str, str]] = {
    V1: {
        "guest": "",
        "member": "ApiKey u1_1:" + "b2" * 20,
        "stranger": "ApiKey staff1:wrong",
        "staff": "ApiKey staff1:" + "c3" * 20,
    },
    V2: {
        "guest": "",
        "member": "Token " + "2b" * 20,
        "stranger": "Token wrong",
        "staff": "Token " + "3c" * 20,
    },
}
OTHERS = ("guest", "member", "stranger")
HEADERS = (
    "content-type",
    "vary",
    "cache-control",
    "allow",
    "location",
    "www-authenticate",
    "retry-after",
)
SITE_HEADERS = ("surrogate-key", "x-frame-options")
_MOMENT = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_PAGE = "text/html"

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Write:
    """`body` is sent as it is if it is bytes, else as JSON. `method` may be in a field."""

    method: str
    path: str
    body: Any = None
    content_type: str | None = "application/json"
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def api(self) -> str:
        return V1 if self.path.startswith(V1) else V2

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()

    def headers(self, authorization: str) -> dict[str, str]:
        given = {"host": HOST, **self.fields}
        if self.body is not None and self.content_type is not None:
            given["content-type"] = self.content_type
        return given | ({"authorization": authorization} if authorization else {})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered, and all rows afterwards; moments since the write began are "now"."""

    status: int
    headers: dict[str, str | None]
    body: str
    rows: Rows


class Side:
    """`tables` are names of tables with their columns, in one order on both sides."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        database: psycopg.Connection[Any],
        tables: Mapping[str, list[str]],
    ) -> None:
        self._client = client
        self._database = database
        self._tables = tables
        self._as_at_first = _for_each(reversed(list(tables)), "DELETE FROM {0};") + _for_each(
            tables,
            "INSERT INTO {0} SELECT * FROM kept.{0};"
            "SELECT setval(pg_get_serial_sequence({1}, 'id'), max(id)) FROM {0};",
        )
        database.execute("CREATE SCHEMA kept")
        database.execute(_for_each(tables, "CREATE TABLE kept.{0} AS TABLE {0};"))
        self.rewind()

    async def ask(self, write: Write, authorization: str) -> Outcome:
        started = datetime.now(UTC)
        request = self._client.build_request(
            write.method, write.path, headers=write.headers(authorization), content=write.content
        )
        answer = await self._client.send(request)
        shown = {name: answer.headers.get(name) for name in (*HEADERS, *SITE_HEADERS)}
        body = _MOMENT.sub(lambda found: _since(started, found[0]), answer.text)
        if len(body) > 40 and (shown["content-type"] or "").startswith(_PAGE):
            body = "a page"
        return Outcome(answer.status_code, shown, body, self.rows(started))

    def rows(self, started: datetime) -> Rows:
        return {
            table: [tuple(_shown(value, started) for value in row) for row in self._read(table)]
            for table in self._tables
        }

    def rewind(self) -> None:
        """All rows as they were at first, and the numbers that go on from them."""
        self._database.execute(self._as_at_first)
        self._database.commit()

    def _read(self, table: str) -> list[tuple[Any, ...]]:
        columns = sql.SQL(", ").join(map(sql.Identifier, self._tables[table]))
        query = sql.SQL("SELECT {} FROM {} ORDER BY id").format(columns, sql.Identifier(table))
        cursor = self._database.cursor(row_factory=tuple_row)
        found = cursor.execute(query).fetchall()
        self._database.commit()
        return found


@dataclass(frozen=True, slots=True)
class Both:
    legacy: Side
    native: Side

    async def ask(self, write: Write, caller: str = "staff") -> tuple[Outcome, Outcome]:
        """What Django makes of it, and what the native side does."""
        authorization = CALLERS[write.api][caller]
        legacy = await self.legacy.ask(write, authorization)
        native = await self.native.ask(write, authorization)
        return legacy, _named_as(legacy, native)

    def rewind(self) -> None:
        self.legacy.rewind()
        self.native.rewind()


def legacy_tables() -> dict[str, list[str]]:
    return {one.legacy: [each.legacy for each in one.columns] for one in _mappings()}


def native_tables() -> dict[str, list[str]]:
    return {one.native: [each.native for each in one.columns] for one in _mappings()}


def _mappings() -> Iterable[TableMapping]:
    """Parents first."""
    return (*BOXES, *DOWNLOADS)


def _for_each(tables: Iterable[str], statements: LiteralString) -> sql.Composed:
    """{0} is the table, {1} its name as a text."""
    written = sql.SQL(statements)
    return sql.Composed(
        [written.format(sql.Identifier(table), sql.Literal(table)) for table in tables]
    )


def _named_as(legacy: Outcome, native: Outcome) -> Outcome:
    """The native tables by the names of the legacy ones."""
    rows = dict(zip(legacy.rows, native.rows.values(), strict=True))
    return Outcome(native.status, native.headers, native.body, rows)


def _since(started: datetime, moment: str) -> str:
    return "now" if datetime.fromisoformat(moment) >= started else moment


def _shown(value: Any, started: datetime) -> Any:
    return "now" if isinstance(value, datetime) and value >= started else value
