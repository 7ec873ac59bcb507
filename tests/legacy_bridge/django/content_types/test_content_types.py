"""Content types of real Django, as we read and make them."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.content_types import (
    ContentType,
    ContentTypes,
    Key,
    ModelKeys,
    UnknownModelError,
)
from legacy_bridge.manifest.content_types import model_keys
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.django.language.side import AnswersSide

BOOK = Key("library", "book")
LABELS = [
    "library.Book",
    "library.LentBook",
    "library.OldBook",
    "library.VeryOldBook",
    "library.Shelf",
    "auth.Group",
    "contenttypes.ContentType",
]
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE application_name = 'test of content types' AND wait_event_type = 'Lock'"
)


@pytest.fixture(scope="session")
def models(kinds_side: AnswersSide) -> Mapping[str, ModelKeys]:
    return model_keys(parse(json.dumps(kinds_side.ask("manifest")).encode()))


@pytest.fixture
def statements(kinds_engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement.split()[0])

    event.listen(kinds_engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(kinds_engine.sync_engine, "before_cursor_execute", note)


@pytest.fixture
async def kinds(
    kinds_side: AnswersSide, kinds_engine: AsyncEngine, models: Mapping[str, ModelKeys]
) -> AsyncIterator[ContentTypes]:
    yield ContentTypes(kinds_engine, models)
    kinds_side.ask("migrate")


async def test_all_of_them_in_one_round_trip(
    kinds: ContentTypes, kinds_side: AnswersSide, statements: list[str]
) -> None:
    rows = [ContentType(number, Key(*key)) for number, *key in kinds_side.ask("rows")]
    assert len(rows) >= 7
    by_key = {row.key: row for row in rows}
    by_id = {row.id: row for row in rows}
    assert await kinds.of_keys([*by_key, BOOK, Key("no", "such")]) == by_key
    assert statements == ["SELECT"]
    # Those that were found are kept, by number too; the one that was not is asked for again.
    assert await kinds.of_ids(by_id) == by_id
    assert await kinds.of_keys(by_key) == by_key
    assert statements == ["SELECT"]
    assert await kinds.of_keys([BOOK, Key("no", "such")]) == {BOOK: by_key[BOOK]}
    assert statements == ["SELECT"] * 2
    kinds.forget()
    assert await kinds.of_ids([*by_id, 0, -1, 2**31, 2**63 - 1, 2**63]) == by_id
    assert statements == ["SELECT"] * 3


@pytest.mark.parametrize("concrete", [True, False])
async def test_models_have_those_that_they_have_there(
    kinds: ContentTypes, kinds_side: AnswersSide, statements: list[str], concrete: bool
) -> None:
    theirs = kinds_side.ask("for_models", labels=LABELS, concrete=concrete)
    ours = await kinds.for_models(LABELS, concrete=concrete)
    assert {label: [kind.id, *kind.key] for label, kind in ours.items()} == theirs
    assert statements == ["SELECT"]
    one = await kinds.for_model("library.oldbook", concrete=concrete)
    assert one == ours["library.OldBook"]
    assert one.key == (BOOK if concrete else Key("library", "oldbook"))
    assert statements == ["SELECT"]


async def test_one_that_django_makes_later(kinds: ContentTypes, kinds_side: AnswersSide) -> None:
    kinds_side.ask("remove", app_label="library", model="book")
    assert await kinds.of_keys([BOOK]) == {}
    kinds_side.ask("migrate")
    (theirs,) = (row for row in kinds_side.ask("rows") if tuple(row[1:]) == BOOK)
    made = ContentType(theirs[0], BOOK)
    assert await kinds.of_keys([BOOK]) == {BOOK: made}
    assert await kinds.of_ids([made.id]) == {made.id: made}


async def test_one_that_we_make(
    kinds: ContentTypes, kinds_side: AnswersSide, statements: list[str]
) -> None:
    for model in ("book", "oldbook"):
        kinds_side.ask("remove", app_label="library", model=model)
    labels = ["library.OldBook", "library.Book", "auth.Group"]
    ours = await kinds.for_models(labels, concrete=False)
    assert statements == ["SELECT", "INSERT", "SELECT"]
    theirs = kinds_side.ask("for_models", labels=labels, concrete=False)
    assert {label: [kind.id, *kind.key] for label, kind in ours.items()} == theirs


async def test_many_at_once_make_one(kinds: ContentTypes, kinds_side: AnswersSide) -> None:
    kinds_side.ask("remove", app_label="library", model="book")
    made = await asyncio.gather(*(kinds.for_model("library.Book") for _ in range(8)))
    assert {kind.id for kind in made} == {
        number for number, *key in kinds_side.ask("rows") if tuple(key) == BOOK
    }


@pytest.mark.parametrize("commit", [True, False])
async def test_one_that_django_is_making(
    kinds: ContentTypes, kinds_side: AnswersSide, kinds_engine: AsyncEngine, commit: bool
) -> None:
    kinds_side.ask("remove", app_label="library", model="book")
    number = kinds_side.ask("begin", app_label="library", model="book")
    waiting = asyncio.create_task(kinds.for_model("library.Book"))
    async with asyncio.timeout(20):
        await _until_one_waits(kinds_engine)
    assert not waiting.done()
    kinds_side.ask("finish", commit=commit)
    ours = await waiting
    (theirs,) = (row for row in kinds_side.ask("rows") if tuple(row[1:]) == BOOK)
    assert [ours.id, *ours.key] == theirs
    assert (ours.id == number) is commit


async def _until_one_waits(engine: AsyncEngine) -> None:
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        while (await connection.execute(_WAITING)).scalar_one() != 1:
            pass  # the server tells nobody of it; each question lets the others run


async def test_keys_that_no_table_holds(kinds: ContentTypes, statements: list[str]) -> None:
    assert await kinds.of_keys([Key("a\0", "b"), Key("a", "\ud800")]) == {}
    assert await kinds.of_keys([]) == {}
    assert await kinds.of_ids([]) == {}
    assert await kinds.for_models([]) == {}
    assert statements == []


async def test_a_model_that_is_not_there(kinds: ContentTypes) -> None:
    with pytest.raises(UnknownModelError, match=r"no model 'library\.Map' .* strangler_manifest"):
        await kinds.for_model("library.Map")


@pytest.mark.parametrize("label", LABELS)
def test_permissions_have_the_names_that_they_have_there(
    kinds_side: AnswersSide, models: Mapping[str, ModelKeys], label: str
) -> None:
    names = models[label.lower()].own.permissions
    assert list(names) == kinds_side.ask("permission_names", label=label)
    stored = set(kinds_side.ask("stored_permissions"))
    made = {names[-1]} if label == "library.VeryOldBook" else set(names)
    assert stored & set(names) == made
