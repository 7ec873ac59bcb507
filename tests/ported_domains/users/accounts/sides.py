"""The same account pages on either side, with what a test looks at besides answers: rows, mails."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from http.cookies import Morsel, SimpleCookie
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row

HOST = "www.example.org"
PASSWORD = "correct horse"
HASH = "pbkdf2_sha256$20000$ForAllWhoAreTestedHere$FUkai40/GW8cBnGaeQUtQ2F8IbfxKH+VtD/TXTu1Q2U="
"""Of PASSWORD, made once: hashing takes a good part of a second."""
HONEYPOT = {"email_body_text": "write your message"}
OF_THE_SERVER = {
    "connection",
    "content-length",
    "date",
    "server",
    "set-cookie",
    "transfer-encoding",
    "x-request-id",
}
"""Headers that say nothing about what the application does."""
_ADDRESSES = count(1)
_NAMES = count(1)
_RULE = b"\n" + b"-" * 79 + b"\n"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True)
class Answer:
    """`cookies` are those that were set by this answer, with their attributes."""

    status: int
    location: str | None
    headers: httpx.Headers
    text: str
    cookies: Mapping[str, Morsel[str]]

    def json(self) -> Any:
        """What a script is told, but for the page."""
        told = json.loads(self.text)
        return {**told, "html": bool(told["html"])} if "html" in told else told

    @property
    def gist(self) -> dict[str, Any]:
        """All of it but the page's text and what differs from one request to the next."""
        told: dict[str, Any] = {"status": self.status, "location": self.location}
        for name, value in self.headers.items():
            if name not in OF_THE_SERVER:
                told[f"header {name}"] = "any" if name == "expires" else value
        for name, morsel in self.cookies.items():
            told[f"cookie {name}"] = _attributes(morsel)
        if self.headers.get("content-type") == "application/json" and self.text:
            told["json"] = self.json()
        return told

    @property
    def errors(self) -> list[str]:
        """What the page says is wrong, in its order."""
        lists = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', self.text)
        return [item for each in lists for item in re.findall(r"<li>(.*?)</li>", each)]

    @property
    def messages(self) -> list[str]:
        """Flash messages that the page shows."""
        shown = re.search(r'<ul class="messages"[^>]*>(.*?)</ul>', self.text, re.DOTALL)
        return re.findall(r"<li[^>]*>(.*?)</li>", shown[1]) if shown else []


class Browser:
    """A visitor with cookies, at an address of its own, so that visitors do not share limits."""

    def __init__(self, side: "Side") -> None:
        number = next(_ADDRESSES)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self.cookies: dict[str, str] = {}
        self._side = side

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.request("GET", path, None, **headers)

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        """With the token of the page, which is asked for if no cookie is there yet."""
        if "csrftoken" not in self.cookies:
            await self.get("/accounts/login/")
        return await self.request("POST", path, self.signed(form or {}), **headers)

    def signed(self, form: Mapping[str, str]) -> dict[str, str]:
        return {"csrfmiddlewaretoken": self.cookies["csrftoken"], **form}

    async def request(
        self, method: str, path: str, form: Mapping[str, str] | None, **headers: str
    ) -> Answer:
        """Header names with underscores. Cookies are kept as a browser keeps them."""
        return await self._exchange(method, path, headers, data=form)

    async def send(
        self, method: str, path: str, body: bytes = b"", **headers: str | None
    ) -> Answer:
        """The body octet for octet; None leaves a header out that a browser would send."""
        return await self._exchange(method, path, headers, content=body)

    async def _exchange(
        self, method: str, path: str, headers: Mapping[str, str | None], **body: Any
    ) -> Answer:
        own: dict[str, str | None] = {"host": HOST, "x-forwarded-for": self.address}
        if self.cookies:
            own["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in own.items() if value is not None}
        client = self._side.client
        reply = await client.request(method, path, headers=given, **body)
        client.cookies.clear()
        answer = _answer(reply)
        for name, morsel in answer.cookies.items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.coded_value
        return answer

    async def log_in(self, login: str, password: str = PASSWORD, **form: str) -> Answer:
        return await self.post("/accounts/login/", {"login": login, "password": password, **form})

    @property
    def is_signed_in(self) -> bool:
        return "sessionid" in self.cookies


def _answer(reply: httpx.Response) -> Answer:
    cookies: dict[str, Morsel[str]] = {}
    for line in reply.headers.get_list("set-cookie"):
        cookies |= SimpleCookie(line)
    location = reply.headers.get("location")
    return Answer(reply.status_code, location, reply.headers, reply.text, cookies)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """By name what the two say, where it is not the same."""
    names = sorted({*one, *other})
    return {
        name: (one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name)
    }


def _attributes(morsel: Morsel[str]) -> dict[str, Any]:
    """`expires` says the same as `max-age`."""
    return {name: value for name, value in morsel.items() if value and name != "expires"}


@dataclass
class Side:
    """`pages` are the templates and contexts that the native side showed."""

    name: str
    database: str
    mails: Path
    client: httpx.AsyncClient
    pages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    _read: dict[Path, int] = field(default_factory=dict)
    """Octets of each file of mails."""
    _connection: AsyncConnection[DictRow] | None = None

    @property
    def is_native(self) -> bool:
        return self.name == "native"

    def browser(self) -> Browser:
        return Browser(self)

    async def rows(self, sql: str, *parameters: object) -> list[DictRow]:
        if self._connection is None:
            self._connection = await AsyncConnection.connect(
                self.database, autocommit=True, row_factory=dict_row
            )
        cursor = await self._connection.execute(sql.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def row(self, sql: str, *parameters: object) -> DictRow:
        """The only one."""
        [row] = await self.rows(sql, *parameters)
        return row

    async def add_user(
        self,
        *addresses: tuple[str, bool],
        name: str | None = None,
        email: str = "",
        password: str = HASH,
        active: bool = True,
    ) -> "Person":
        """With `addresses` and whether each is verified, the first one being primary."""
        name = name or f"person{next(_NAMES)}"
        row = await self.row(_ADD_USER, name, email, password, active)
        for number, (address, verified) in enumerate(addresses):
            await self.rows(_ADD_ADDRESS, row["id"], address, verified, number == 0)
        return Person(row["id"], name, email)

    async def forget_limits(self) -> None:
        """As if nobody had asked for anything yet."""
        await self.rows("DELETE FROM django_cache_table")

    def new_mails(self) -> list[EmailMessage]:
        """Those that were sent since the last question, oldest first.

        Django may write to the same file again, within a second.
        """
        mails: list[EmailMessage] = []
        files = self.mails.glob("[!.]*")
        for file in sorted(files, key=lambda file: file.stat().st_mtime_ns):
            known = self._read.get(file, 0)
            if file.stat().st_size > known:
                octets = file.read_bytes()
                mails += _mails(octets[known:])
                self._read[file] = len(octets)
        return mails


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    email: str


def _mails(octets: bytes) -> Iterator[EmailMessage]:
    """Django writes a rule after each, the native side has a file for each."""
    for text in octets.split(_RULE):
        if text.strip():
            yield BytesParser(policy=SMTP).parsebytes(text)


_ADD_USER = """
INSERT INTO users_user (
    username, email, password, is_active, date_joined, first_name, last_name, is_staff,
    is_superuser, bio, bio_markup_type, _bio_rendered, search_visibility, email_privacy,
    public_profile
) VALUES (%s, %s, %s, %s, now(), '', '', false, false, '', 'markdown', '', 1, 2, true)
RETURNING id
"""
_ADD_ADDRESS = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, %s, %s)
"""
