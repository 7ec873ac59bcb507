"""What the writers know of what they wrote, and what has to be true of it afterwards."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock

from legacy_bridge.replication.owners import Owner


class State(StrEnum):
    COMMITTED = "committed"
    DOUBTFUL = "doubtful"  # the connection was lost while it was being committed


@dataclass(frozen=True, slots=True)
class Version:
    """A row as somebody wrote it, knowing the version `before` it. `token` is None where the row
    was taken away. `stray`: the other side owned the row."""

    table: str
    key: int
    token: str | None
    before: str | None
    stray: bool


@dataclass(slots=True)
class Counts:
    """Of transactions that changed something, and of those that came to nothing."""

    committed: int = 0
    doubtful: int = 0
    undone: int = 0
    largest: int = 0


class Journal:
    """Written by many threads. `before` names a version that is in here as well, or the first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.versions: list[tuple[Version, State]] = []
        self.counts = {side: Counts() for side in Owner}

    def committed(self, side: Owner, versions: Sequence[Version], changes: int) -> None:
        with self._lock:
            self.versions += ((version, State.COMMITTED) for version in versions)
            self.counts[side].committed += 1
            self.counts[side].largest = max(self.counts[side].largest, changes)

    def doubtful(self, side: Owner, versions: Sequence[Version]) -> None:
        with self._lock:
            self.versions += ((version, State.DOUBTFUL) for version in versions)
            self.counts[side].doubtful += 1

    def undone(self, side: Owner) -> None:
        with self._lock:
            self.counts[side].undone += 1

    def write(self, file: Path) -> None:
        """A line of JSON for each version, in the order in which they were acknowledged."""
        with file.open("w") as lines:
            for version, state in self.versions:
                lines.write(json.dumps(asdict(version) | {"state": state}) + "\n")


@dataclass(frozen=True, slots=True)
class Outcome:
    """At the end: `there` are the tokens of all rows, `lost` those of kept conflicts, and
    `conflicting` the tables and keys of these."""

    there: Collection[str]
    lost: Collection[str]
    conflicting: Collection[tuple[str, int]]


STORIES = 3
BEFORE, AFTER = 4, 8
"""Versions of a key that are told around the one that is missing."""


def told(versions: Iterable[tuple[Version, State]], outcome: Outcome) -> list[str]:
    """What is `missing`, and of the first keys how it came to that."""
    written = list(versions)
    lost = missing(written, outcome)
    first = {(version.table, version.key): version for version in reversed(lost)}
    stories = [line for one in list(first.values())[-STORIES:] for line in _story(one, written)]
    return [*map(_named, lost), *stories]


def _named(version: Version) -> str:
    if version.token is None:
        return f"{version.table} {version.key}: is there though it was deleted"
    kind = "stray" if version.stray else "owner's"
    return f"{version.table} {version.key}: {kind} {version.token} was lost"


def _story(lost: Version, written: Iterable[tuple[Version, State]]) -> list[str]:
    """The versions of its key, in the order in which they were acknowledged."""
    of_key = [
        (one, state) for one, state in written if (one.table, one.key) == (lost.table, lost.key)
    ]
    at = [one for one, _ in of_key].index(lost)
    return [
        f"{one.table} {one.key}: {'stray' if one.stray else 'owner'} wrote {one.token or 'nothing'}"
        f" knowing {one.before or 'nothing'}, {state}"
        for one, state in of_key[max(0, at - BEFORE) : at + AFTER]
    ]


def missing(versions: Iterable[tuple[Version, State]], outcome: Outcome) -> list[Version]:
    """What was acknowledged and is neither there, nor was followed by somebody who knew of it, nor
    (a stray) kept as a conflict. Deletions that did not last are among them."""
    written = list(versions)
    after: dict[str, list[Version]] = defaultdict(list)
    for version, _ in written:
        if version.before is not None:
            after[version.before].append(version)
    lost: list[Version] = []
    for version, state in written:
        if state is not State.COMMITTED:
            continue
        if version.token is None:
            if version.before in outcome.there and not _kept(version, outcome):
                lost.append(version)
        elif not _accounted_for(version.token, after, outcome, stray=version.stray):
            lost.append(version)
    return lost


def _kept(deletion: Version, outcome: Outcome) -> bool:
    return deletion.stray and (deletion.table, deletion.key) in outcome.conflicting


def _accounted_for(
    token: str, after: Mapping[str, list[Version]], outcome: Outcome, *, stray: bool
) -> bool:
    todo, looked_at = [token], set[str]()
    while todo:
        one = todo.pop()
        looked_at.add(one)
        if one in outcome.there:
            return True
        if one in outcome.lost:
            if stray:
                return True
            continue
        for version in after.get(one, ()):
            if version.token is None:
                return True
            if version.token not in looked_at:
                todo.append(version.token)
    return False
