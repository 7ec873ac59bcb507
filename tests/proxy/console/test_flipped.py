"""Whose flip the last one of a domain was, by the record of changes."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from legacy_bridge.replication.connections import Connection
from proxy.console.reading.state import read_state
from proxy.embedded.stack import EmbeddedStack
from proxy.ownership.store import Change, write_change

NUMBERS = count(1)
Row = tuple[str, str, str, str]
"""Action, before, after, made by."""


@pytest.fixture
def native(stack: EmbeddedStack, native_template: str) -> Iterator[Connection]:
    url = stack.create_database(f"flipped_{next(NUMBERS)}", native_template)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def asked(before: str, after: str) -> Row:
    return "phase", before, after, "somebody"


def let(before: str, after: str) -> Row:
    return "let", before, after, "gates"


HANDED_OVER: Row = ("owner", "legacy", "native", "routing.yaml")


@pytest.mark.parametrize(
    ("record", "flip"),
    [
        ([asked("legacy", "reads"), let("legacy", "reads")], asked("legacy", "reads")),
        (
            [asked("legacy", "native"), let("legacy", "reads"), HANDED_OVER],
            asked("legacy", "native"),
        ),
        ([asked("legacy", "native"), let("legacy", "reads")], asked("legacy", "native")),
        ([let("legacy", "reads")], let("legacy", "reads")),
        ([asked("legacy", "canary 5 %"), let("canary 5 %", "shadow")], let("canary 5 %", "shadow")),
    ],
)
def test_what_follows_from_an_asking_is_told_as_that(
    native: Connection, record: list[Row], flip: Row
) -> None:
    for action, before, after, made_by in record:
        change = Change(
            domain="downloads",
            action=action,
            before=before,
            after=after,
            made_by=made_by,
            why="",
            result="done",
        )
        write_change(native, change)
    found = read_state(native).flipped["downloads"]
    assert (found.action, found.before, found.after, found.made_by) == flip
