"""What the steps of the walk share: how they say what they miss, and how they ask the databases."""

import httpx
import psycopg

from proxy.demo.system import System


class NotSeenError(Exception):
    """A step saw something else than it had to."""


def expect(held: bool, otherwise: str) -> None:
    """Like `assert`, but also where Python leaves assertions out."""
    if not held:
        raise NotSeenError(otherwise)


def owner_of(answer: httpx.Response) -> str:
    return str(answer.headers.get("strangler-owner", "nobody"))


def scalar(system: System, query: str, *, native: bool = False) -> object:
    """The first column of the first row; see `column`."""
    return column(system, query, native=native)[0]


def column(system: System, query: str, *, native: bool = False) -> list[object]:
    """The first column of what the legacy database answers, or the native one."""
    name = "STRANGLER_DATABASE_URL" if native else "STRANGLER_LEGACY_DATABASE_URL"
    with psycopg.connect(system.settings[name]) as connection:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]
