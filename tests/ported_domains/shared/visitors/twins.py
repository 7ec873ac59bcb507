"""The probes of both sides, asked octet for octet the same."""

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

HOST = "www.example.org"
SECRET = "s" * 32
"""Of a visitor's CSRF cookie; it is its own token, too."""
FORM = "application/x-www-form-urlencoded"
OF_THE_SERVER = {
    "connection",
    "content-length",
    "date",
    "server",
    "transfer-encoding",
    "x-request-id",
}
"""Fields that say nothing about what the application does."""
PATIENCE = 60
_VALUE = re.compile(r'^(?P<name>[^=]+)=(?P<value>"[^"]*"|[^;]*)')
_EXPIRES = re.compile(r"expires=(?!Thu, 01 Jan 1970)[^;]+")

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reply:
    """`fields` in their order, names in small letters."""

    status: int
    fields: Fields
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.fields if known == name]

    def one(self, name: str) -> str | None:
        """None if it is not there; more than one are a fault of the test."""
        values = self.all(name)
        assert len(values) < 2, values
        return values[0] if values else None

    def json(self) -> Any:
        assert self.status == 200, (self.status, self.body[:300])
        return json.loads(self.body)

    @property
    def cookies(self) -> dict[str, str]:
        """What the answer sets, as it stands in the field; empty where it deletes."""
        jar: SimpleCookie = SimpleCookie()
        for line in self.all("set-cookie"):
            jar.load(line)
        return {name: morsel.coded_value for name, morsel in jar.items()}

    @property
    def gist(self) -> dict[str, Any]:
        """What both sides must agree on: cookies in their order, with `…` for what is random."""
        told: dict[str, Any] = {"status": self.status, "cookies": self.cookie_lines}
        for name, value in self.fields:
            if name not in OF_THE_SERVER and name != "set-cookie":
                told[name] = f"{told[name]}, {value}" if name in told else value
        if self.one("content-type") == "application/json":
            told["body"] = self.body
        return told

    @property
    def cookie_lines(self) -> list[str]:
        lines = (_EXPIRES.sub("expires=…", line) for line in self.all("set-cookie"))
        return [_VALUE.sub(_shown, line) for line in lines]


def _shown(found: re.Match[str]) -> str:
    return f"{found['name']}={'…' if found['value'].strip(chr(34)) else found['value']}"


def written(method: str, target: str, *fields: tuple[str, str], body: bytes = b"") -> bytes:
    """A request on a connection of its own. A Host among the fields replaces the usual one."""
    names = {name.lower() for name, _ in fields}
    lines = [] if "host" in names else [("Host", HOST)]
    lines += [*fields, ("Connection", "close")]
    if body and not names & {"content-length", "transfer-encoding"}:
        lines.append(("Content-Length", str(len(body))))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines)
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


async def say(url: str, octets: bytes) -> Reply:
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    try:
        writer.write(octets)
        async with asyncio.timeout(PATIENCE):
            return _read(await reader.read())
    finally:
        writer.close()


def _read(answer: bytes) -> Reply:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = tuple((name.lower(), value.strip()) for name, _, value in _parts(lines))
    if ("transfer-encoding", "chunked") in fields:
        body = b"".join(_chunks(body))
    return Reply(int(first.split()[1]), fields, body)


def _parts(lines: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    return (line.partition(":") for line in lines)


def _chunks(body: bytes) -> Iterable[bytes]:
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return
        yield rest[:length]
        body = rest[length + 2 :]


@dataclass
class Side:
    """One of the two, with the database that both work on."""

    name: str
    url: str
    database: str

    async def ask(
        self, method: str, target: str, *fields: tuple[str, str], body: bytes = b""
    ) -> Reply:
        return await say(self.url, written(method, target, *fields, body=body))

    async def get(self, target: str, cookies: str = "", *fields: tuple[str, str]) -> Reply:
        return await self.ask("GET", target, *_cookie(cookies), *fields)

    async def post(
        self, target: str, cookies: str = "", *fields: tuple[str, str], **form: str
    ) -> Reply:
        """With a token that is good."""
        jar = f"csrftoken={SECRET}" + (f"; {cookies}" if cookies else "")
        body = urlencode({"csrfmiddlewaretoken": SECRET, **form}).encode()
        return await self.ask(
            "POST", target, *_cookie(jar), ("Content-Type", FORM), *fields, body=body
        )

    async def rows(self, sql: str, *parameters: object) -> list[DictRow]:
        async with await AsyncConnection.connect(
            self.database, autocommit=True, row_factory=dict_row
        ) as connection:
            cursor = await connection.execute(sql.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []


def _cookie(cookies: str) -> Fields:
    return (("Cookie", cookies),) if cookies else ()


@dataclass(frozen=True)
class Twins:
    legacy: Side
    native: Side

    async def agree(
        self, method: str, target: str, *fields: tuple[str, str], body: bytes = b""
    ) -> Reply:
        """The native answer, once it is found to be the legacy one."""
        legacy = await self.legacy.ask(method, target, *fields, body=body)
        native = await self.native.ask(method, target, *fields, body=body)
        differs = {
            name: (legacy.gist.get(name), native.gist.get(name))
            for name in legacy.gist.keys() | native.gist.keys()
            if legacy.gist.get(name) != native.gist.get(name)
        }
        assert not differs, f"legacy, native: {differs}"
        return native
