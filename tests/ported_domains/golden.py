"""The recorded answers of the real site, and ours to the same questions, with the same rows.

    MODELS = {Post: "community.post"}

    @pytest.mark.parametrize("answer", recorded("/community/"), ids=named)
    async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
        await dataset_site.meets(answer, MODELS)

`dataset_site` is a fixture of `conftest.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from legacy_bridge.django.authentication.session import BACKEND, HASH, USER_ID, session_hash
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.store import new_key
from legacy_bridge.django.settings import Secrets, SessionSettings
from ported_domains.shared.forms import BoundField, Form
from ported_domains.shared.pagination import Page, Paginator
from proxy.demo.parts import SECRET_KEY
from tests.ported_domains.wire import NativeSite, Reply, ask

FILE = Path(__file__).resolve().parents[3] / "shared" / "legacy" / "golden" / "responses.jsonl"
ROLES: Final = {"member": "u1_1", "staff": "admin1"}
"""The users of the data set that were asked as, beside anonymous visitors."""
CHOSEN: Final = ("Surrogate-Key", "Vary", "Cache-Control", "Allow")
"""Headers that were recorded wherever they were there."""

Recorded = Mapping[str, Any]
Models = Mapping[type, str]
"""What of ours stands for a row of which legacy model, or for which kind of field."""


def recorded(*below: str) -> list[Recorded]:
    """To URLs that begin so; none where the records are not there."""
    if not FILE.exists():
        return []
    with FILE.open(encoding="utf-8") as lines:
        answers: list[Recorded] = [json.loads(line) for line in lines]
    return [answer for answer in answers if answer["url"].startswith(below)]


def named(answer: Recorded) -> str:
    return f"{answer['as']} {answer['url']}"


@dataclass(frozen=True, slots=True)
class DatasetSite:
    """`cookies` are those of each role."""

    native: NativeSite
    cookies: Mapping[str, str]

    async def ask(self, url: str, role: str = "anonymous", method: str = "GET") -> Reply:
        cookie = {"Cookie": self.cookies[role]} if role in self.cookies else {}
        return await ask(self.native.url, method, url, **cookie)

    async def meets(
        self, answer: Recorded, models: Models, on_purpose: Mapping[str, Recorded] | None = None
    ) -> Reply:
        """Asserts that our answer is as recorded, or as `on_purpose` says instead of some of it."""
        expected = {**answer, **(on_purpose or {}).get(answer["url"], {})}
        self.native.pages.clear()
        reply = await self.ask(expected["url"], expected["as"])
        assert reply.status == expected["status"]
        assert reply.headers["content-type"] == expected["content_type"]
        assert reply.headers.get("location") == expected.get("location")
        assert {name: reply.headers.get(name.lower()) for name in CHOSEN} == {
            name: expected["headers"].get(name) for name in CHOSEN
        }
        assert len(reply.body) == expected.get("body_length", len(reply.body))
        if "template" in expected:
            [(template, context)] = self.native.pages
            assert template == expected["template"]
            given = {name: as_recorded(context[name], models) for name in expected["context"]}
            assert given == expected["context"]
        return reply


def as_recorded(value: Any, models: Models) -> object:
    if type(value) in models:
        return {"model": models[type(value)], "pk": value.id}
    match value:
        case Paginator():
            return _shape(value)
        case Form():
            return {"form": [_field(bound, models) for bound in value]}
        case Page():
            return {"page": value.number, **_shape(value.paginator)}
        case list():
            return [as_recorded(one, models) for one in value]
        case dict():
            return {key: as_recorded(one, models) for key, one in value.items()}
    return value


def _shape(paginator: Paginator) -> dict[str, int]:
    return {
        "pages": paginator.num_pages,
        "per_page": paginator.per_page,
        "count": paginator.count,
    }


def _field(bound: BoundField, models: Models) -> dict[str, object]:
    field = bound.field
    return {
        "name": bound.name,
        "type": models.get(type(field), type(field).__name__),
        "required": field.required,
        "initial": field.initial,
    }


def signed_in(database_url: str, usernames: Sequence[str]) -> list[str]:
    """A session for each, in the legacy database: what to send as Cookie."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        return [_session(connection, username) for username in usernames]


def _session(connection: psycopg.Connection, username: str) -> str:
    found = connection.execute(
        "SELECT id, password FROM users_user WHERE username = %s", (username,)
    ).fetchone()
    assert found is not None, f"the data set has no user {username}"
    user, password = found
    values = {
        USER_ID: str(user),
        BACKEND: "django.contrib.auth.backends.ModelBackend",
        HASH: session_hash(password, SECRET_KEY),
    }
    key, settings = new_key(), SessionSettings()
    data = SessionCodec(Secrets(key=SECRET_KEY), settings.salt).encode(values)
    connection.execute(
        "INSERT INTO django_session (session_key, session_data, expire_date)"
        " VALUES (%s, %s, now() + interval '1 day')",
        (key, data),
    )
    return f"{settings.cookie_name}={key}"
