"""Writes of the legacy side beside those that the native side would have made."""

import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ported_domains.downloads.mapping import MAPPING
from ported_domains.shared.database import transaction
from proxy.embedded.stack import EmbeddedStack
from proxy.shadow.rehearsal import Stage
from tests.proxy.shadow.system import SECONDS, System, until

pytestmark = pytest.mark.timeout(600)
SYSTEMS = "/api/v2/downloads/os/"
KEY = {"Authorization": "Token 3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c"}
TRIES = 8
"""Of a write: on a busy machine its rehearsal may come too late, and then nothing is said."""
NEW = "INSERT INTO operating_systems (created, updated, name, slug) VALUES (now(), now(), 'a', 'a')"


@pytest.fixture
def visitor(shadowed: System) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=shadowed.url, trust_env=False, headers=KEY, timeout=SECONDS
    ) as client:
        yield client
    shadowed.wrong()


def kept(system: System) -> list[tuple[Any, ...]]:
    with psycopg.connect(system.native_url) as native:
        return native.execute(
            "SELECT method, target, equal, differences, note FROM parity_writes ORDER BY id"
        ).fetchall()


def write(system: System, visitor: httpx.Client, method: str, target: str, **body: Any) -> Any:
    """What was found of it, if it could be said, and its answer."""
    with psycopg.connect(system.native_url, autocommit=True) as native:
        native.execute("DELETE FROM parity_writes")
    before, rehearsed = written(system), system.metric("rehearsed")
    with ThreadPoolExecutor(1) as asking:
        with legacy_waiting(system):
            asked = asking.submit(visitor.request, method, target, json=body or None)
            until(lambda: system.metric("rehearsed") > rehearsed or written(system) > before, bool)
        answer = asked.result()
    until(lambda: written(system), lambda after: after > before)
    until(lambda: kept(system) or unsaid(system) > 0, bool)
    return kept(system), answer


@contextmanager
def legacy_waiting(system: System) -> Iterator[None]:
    """Meanwhile the legacy side cannot be faster than the rehearsal."""
    with psycopg.connect(system.site.database_url) as legacy:
        legacy.execute("LOCK TABLE downloads_os IN SHARE MODE")
        yield


def written(system: System) -> float:
    """Writes that something became of."""
    return sum(float(n) for what, n in system.counts().items() if what.startswith("write_"))


def unsaid(system: System) -> float:
    return written(system) - sum(map(system.metric, ("write_compared", "write_differing")))


def first_said(
    system: System, visitor: httpx.Client, method: str, *targets: str, **body: Any
) -> Any:
    """Of several like it, the first that the rehearsal was in time for."""
    for target in targets:
        found, answer = write(system, visitor, method, target, **body)
        assert answer.is_success
        if found:
            return found
    raise AssertionError(system.counts())


def made(system: System, visitor: httpx.Client, slug: str) -> str:
    """The path of a new row."""
    answer = visitor.post(SYSTEMS, json={"name": slug, "slug": slug})
    assert answer.status_code == 201
    return httpx.URL(answer.json()["resource_uri"]).path


def await_arrived(system: System, count: int) -> None:
    """The bridge has brought all that is to be changed: nothing can be rehearsed on other rows."""
    deadline = time.monotonic() + SECONDS
    query = "SELECT count(*) FROM operating_systems WHERE slug LIKE 'changing-%'"
    with psycopg.connect(system.settings["STRANGLER_DATABASE_URL"], autocommit=True) as native:
        while native.execute(query).fetchone() != (count,):
            assert time.monotonic() < deadline


def test_a_new_row_is_the_same_but_for_its_key_and_the_time(
    shadowed: System, visitor: httpx.Client
) -> None:
    for number in range(TRIES):
        name = f"new-{number}"
        found, answer = write(shadowed, visitor, "POST", SYSTEMS, name=name, slug=name)
        assert answer.status_code == 201
        if found:
            break
    assert found == [("POST", SYSTEMS, True, [], "")]


def test_a_column_that_would_be_another_is_named(shadowed: System, visitor: httpx.Client) -> None:
    for number in range(TRIES):
        name, slug = f"Wanted {number}", f"wanted-{number}"
        shadowed.wrong(path=SYSTEMS, request=["Wanted", "Unwanted"])
        found, _ = write(shadowed, visitor, "POST", SYSTEMS, name=name, slug=slug)
        if found:
            break
    difference = {
        "path": "operating_systems/name",
        "kind": "differs",
        "control": name,
        "candidate": f"Unwanted {number}",
    }
    assert found == [("POST", SYSTEMS, False, [difference], "")]


def test_a_change_and_a_deletion_are_the_same(shadowed: System, visitor: httpx.Client) -> None:
    paths = [made(shadowed, visitor, f"changing-{number}") for number in range(TRIES)]
    await_arrived(shadowed, TRIES)
    # One is enough; the next may have been said by then.
    changed = first_said(shadowed, visitor, "PATCH", *paths, name="Changed")
    assert {(equal, str(differences)) for _, _, equal, differences, _ in changed} == {(True, "[]")}
    gone = first_said(shadowed, visitor, "DELETE", *paths)
    assert {(equal, str(differences)) for _, _, equal, differences, _ in gone} == {(True, "[]")}


def test_both_sides_have_the_same_rows_afterwards(shadowed: System) -> None:
    def rows(url: str, table: str) -> list[Any]:
        with psycopg.connect(url) as connection:
            return connection.execute(f"SELECT id, name, slug FROM {table} ORDER BY id").fetchall()

    legacy = rows(shadowed.site.database_url, "downloads_os")
    assert until(lambda: rows(shadowed.native_url, "operating_systems"), lambda n: n == legacy)


@pytest.fixture
async def stage(stack: EmbeddedStack, native_template: str) -> AsyncIterator[Stage]:
    name = "rehearsed"
    url = (
        stack.postgres_url(name)
        if stack.has_database(name)
        else stack.create_database(name, native_template)
    )
    one = Stage(url)
    yield one
    await one.engine.dispose()
    with psycopg.connect(url) as native:
        assert native.execute("SELECT count(*) FROM operating_systems").fetchone() == (0,)


async def handler(stage: Stage, *statements: str) -> None:
    """What one does, in a transaction of its own."""
    async with transaction(stage.engine) as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_what_a_handler_commits_is_seen_and_gone(stage: Stage) -> None:
    async with stage.rehearsal("downloads") as rehearsal:
        before = await rehearsal.before(MAPPING)
        async with transaction(stage.engine) as session:
            owner = await session.execute(text("SELECT owner FROM bridge_owners"))
            assert owner.scalars().all() == ["native"]
            await session.execute(text(NEW))
            async with session.begin_nested():
                await session.execute(text(NEW.replace("'a'", "'b'")))
        async with transaction(stage.engine) as session:
            await session.execute(text("DELETE FROM operating_systems WHERE slug = 'b'"))
        effect = await rehearsal.effect(MAPPING, before)
        (row,) = effect["operating_systems"].rows.values()
        assert (row["name"], row["slug"]) == ("a", "a")
    async with stage.rehearsal("downloads") as rehearsal:
        effect = await rehearsal.effect(MAPPING, await rehearsal.before(MAPPING))
        assert not effect["operating_systems"].rows


async def test_what_is_rolled_back_was_never_written(stage: Stage) -> None:
    async with stage.rehearsal("downloads") as rehearsal:
        before = await rehearsal.before(MAPPING)
        with pytest.raises(DBAPIError, match="division by zero"):
            await handler(stage, NEW, "SELECT 1 / 0")
        assert not (await rehearsal.effect(MAPPING, before))["operating_systems"].rows


async def test_the_server_refuses_a_commit_in_sql(stage: Stage) -> None:
    async with stage.rehearsal("downloads"):
        with pytest.raises(DBAPIError, match="a rehearsal is never committed"):
            await handler(stage, NEW, "COMMIT")


async def test_the_server_ends_a_rehearsal_that_keeps_others_waiting(stage: Stage) -> None:
    async with stage.rehearsal("downloads"):
        with pytest.raises(DBAPIError):
            await handler(stage, NEW, "SELECT pg_sleep(5)")
        assert stage.disturbed
