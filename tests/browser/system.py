"""The running system as a test sees it: who answers for the account pages, who has an account."""

import asyncio
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Final, LiteralString

import httpx
import psycopg

from loadtests.flip_drill import Owner, save

PASSWORDS: Final = {"admin1": "admin-1", "u1_1": "pw-1-1"}
"""Of the bundled site's own accounts."""
FLIP_SECONDS: Final = 30

_USER: LiteralString = """
INSERT INTO users_user (
    password, is_superuser, is_staff, is_active, username, first_name, last_name, email,
    date_joined, bio, bio_markup_type, _bio_rendered,
    search_visibility, email_privacy, public_profile
)
SELECT password, is_superuser, is_staff, true, %(username)s, '', '', %(email)s,
    now(), '', bio_markup_type, '', search_visibility, email_privacy, public_profile
FROM users_user WHERE username = %(like)s
RETURNING id
"""
_ADDRESS: LiteralString = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, true, true)
"""
_ROUTING: Final = """version: 1
gates: off
domains:
  users:
    phase: {phase}
    routes: [/accounts/**]
  downloads:
    phase: reads
    routes: [/downloads/**]
"""


def routing(accounts: Owner) -> str:
    return _ROUTING.format(phase=accounts)


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    email: str
    password: str

    @property
    def greeting(self) -> str:
        """What the header of every page says to somebody who is signed in."""
        return f"Signed in as {self.username}"


@dataclass(frozen=True, slots=True)
class System:
    """`mails` takes what the native side sends, `database_url` is Django's database."""

    url: str
    routing: Path
    mails: Path
    database_url: str

    async def accounts_become(self, owner: Owner) -> None:
        """Edit routing.yaml, and return once the answers show that it is in force."""
        save(self.routing, routing(owner))
        async with (
            asyncio.timeout(FLIP_SECONDS),
            httpx.AsyncClient(base_url=self.url, timeout=30) as client,
        ):
            while await _owner_of(client, "/accounts/login/") != owner:
                pass

    def links_to(self, address: str) -> list[str]:
        """URLs in the mails to somebody, oldest mail first."""
        files = sorted(self.mails.glob("*.eml"))
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        texts = [mail.get_content() for mail in mails if mail["To"] == address]
        return [word for text in texts for word in text.split() if word.startswith("http")]


def add_person(database_url: str, username: str, *, like: str) -> Person:
    """An account with a confirmed address, and rights and password of another one."""
    person = Person(username, f"{username}@example.org", PASSWORDS[like])
    values = {"username": username, "email": person.email, "like": like}
    with psycopg.connect(database_url) as connection:
        row = connection.execute(_USER, values).fetchone()
        assert row is not None, f"{like} is not there"
        connection.execute(_ADDRESS, (row[0], person.email))
    return person


async def _owner_of(client: httpx.AsyncClient, path: str) -> str:
    return str((await client.get(path)).headers["strangler-owner"])
