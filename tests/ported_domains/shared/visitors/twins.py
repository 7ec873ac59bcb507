"""The probes of both sides, asked octet for octet the same."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

from legacy_bridge.django.authentication.session import BACKEND, HASH, USER_ID, session_hash
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.store import new_key
from legacy_bridge.django.settings import Secrets, SessionSettings
from proxy.demo.parts import SECRET_KEY

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
PASSWORD_HASH = "pbkdf2_sha256$1$salt$nobody's"
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

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[AsyncConnection[DictRow]]:
        """To the database, in autocommit."""
        connection = await AsyncConnection.connect(
            self.database, autocommit=True, row_factory=dict_row
        )
        try:
            yield connection
        finally:
            await connection.close()

    async def rows(self, sql: str, *parameters: object) -> list[DictRow]:
        async with self.connected() as connection:
            cursor = await connection.execute(sql.encode(), parameters)
            return await cursor.fetchall() if cursor.description else []

    async def until_somebody_waits(self) -> None:
        """For a row that another has locked."""
        async with self.connected() as connection, asyncio.timeout(PATIENCE):
            while not await (await connection.execute(_WAITING)).fetchone():  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def newcomer(self) -> "Person":
        """A user with a session."""
        name = f"twin{next(_NAMES)}"
        [row] = await self.rows(_ADD_USER, name, PASSWORD_HASH)
        values = {
            USER_ID: str(row["id"]),
            BACKEND: "django.contrib.auth.backends.ModelBackend",
            HASH: session_hash(PASSWORD_HASH, SECRET_KEY),
        }
        return Person(row["id"], name, values, await self.plant(values))

    async def another_session(self, person: "Person") -> str:
        return await self.plant(person.values)

    async def plant(self, values: Mapping[str, Any], key: str | None = None) -> str:
        """A session with these values, be there one of that key or not; its key."""
        key = key or new_key()
        codec = SessionCodec(Secrets(key=SECRET_KEY), SessionSettings().salt)
        await self.rows(_PLANT, key, codec.encode(dict(values)))
        return key

    async def remove(self, person: "Person") -> None:
        await self.rows("DELETE FROM users_user WHERE id = %s", person.id)


@dataclass(frozen=True)
class Person:
    """`values` are those of the session `session`."""

    id: int
    name: str
    values: Mapping[str, Any]
    session: str


_NAMES = count(1)
_WAITING = b"""
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
_ADD_USER = """
INSERT INTO users_user (
    username, email, password, is_active, date_joined, first_name, last_name, is_staff,
    is_superuser, bio, bio_markup_type, _bio_rendered, search_visibility, email_privacy,
    public_profile
) VALUES (%s, '', %s, true, now(), '', '', false, false, '', 'markdown', '', 1, 2, true)
RETURNING id
"""
_PLANT = """
INSERT INTO django_session (session_key, session_data, expire_date)
VALUES (%s, %s, now() + interval '1 day')
ON CONFLICT (session_key) DO UPDATE SET session_data = excluded.session_data
"""


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
        differs = differences(legacy.gist, native.gist)
        assert not differs, f"(legacy, native): {differs}"
        return native


def differences(legacy: Mapping[str, Any], native: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    names = sorted(legacy.keys() | native.keys())
    return {
        name: (legacy.get(name), native.get(name))
        for name in names
        if legacy.get(name) != native.get(name)
    }
