"""Which tables are copied in chunks, and after which others. Pure, but for `Facts.read`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString, Self

from psycopg.sql import SQL

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.first_copy.ranges import keeps_values, splits
from legacy_bridge.replication.pairs import TablePair


@dataclass(frozen=True, slots=True)
class Facts:
    """Of the native tables, by name. `parents`: to which of them each refers, itself included.

    `filled` have rows, `altering` a trigger that may make something else of a row.
    """

    parents: Mapping[str, Collection[str]]
    filled: Collection[str]
    altering: Collection[str]

    @classmethod
    def read(cls, native: Connection, pairs: Sequence[TablePair]) -> Self:
        names = [pair.target.name for pair in pairs]
        parents: dict[str, set[str]] = {name: set() for name in names}
        for child, parent in native.execute(_PARENTS, [names, names]):
            parents[child].add(parent)
        altering = {name for (name,) in native.execute(_TRIGGERS, [names])}
        filled = {pair.target.name for pair in pairs if _has_rows(native, pair)}
        return cls(parents, filled, altering)


def _has_rows(native: Connection, pair: TablePair) -> bool:
    found = native.execute(SQL("SELECT 1 FROM {} LIMIT 1").format(pair.target_name))
    return found.fetchone() is not None


_PARENTS: LiteralString = """
SELECT DISTINCT child, parent
FROM unnest(%s::text[]) AS child CROSS JOIN unnest(%s::text[]) AS parent
JOIN pg_constraint ON contype = 'f' AND conrelid = to_regclass(quote_ident(child))
                      AND confrelid = to_regclass(quote_ident(parent))
"""
_TRIGGERS: LiteralString = """
SELECT DISTINCT name FROM unnest(%s::text[]) AS name
JOIN pg_trigger ON tgrelid = to_regclass(quote_ident(name))
                   AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 4 <> 0
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that refer to each other, in a circle; mostly it is one. `at_once`: in one chunk."""

    pairs: tuple[TablePair, ...]
    at_once: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """`groups` are copied in chunks, parents first; `staged` in one transaction behind them."""

    groups: tuple[Group, ...]
    staged: tuple[TablePair, ...]


def plan(pairs: Sequence[TablePair], facts: Facts, begun: Collection[str]) -> Plan:
    """`begun` are tables that have rows from an earlier attempt.

    In chunks go those that are empty, take what they are given, and refer only to such as well:
    nobody reads half of a table that was whole, and no row waits for a parent that comes later.
    """
    by_name = {pair.target.name: pair for pair in pairs}
    groups: list[Group] = []
    staged: set[str] = set()
    for names in circles(facts.parents):
        above = {parent for name in names for parent in facts.parents[name]}
        fit = all(_fit(by_name[name], facts, begun) for name in names)
        if fit and not above & staged:
            members = tuple(by_name[name] for name in names)
            groups.append(Group(members, bool(above & {*names}) or not splits(members[0])))
        else:
            staged.update(names)
    return Plan(tuple(groups), tuple(pair for pair in pairs if pair.target.name in staged))


def _fit(pair: TablePair, facts: Facts, begun: Collection[str]) -> bool:
    name = pair.target.name
    empty = name in begun or name not in facts.filled
    return empty and name not in facts.altering and keeps_values(pair)


def circles(parents: Mapping[str, Collection[str]]) -> list[tuple[str, ...]]:
    """Tables in the order in which they can be filled; those that need each other together."""
    above = {name: _ancestors(name, parents) for name in parents}
    # Whoever is above another one has fewer ancestors, unless the two are in one circle.
    order = sorted(parents, key=lambda name: len(above[name] | {name}))
    found = {
        name: tuple(each for each in order if each == name or _mutual(each, name, above))
        for name in order
    }
    return list(dict.fromkeys(found.values()))


def _mutual(one: str, other: str, above: Mapping[str, Collection[str]]) -> bool:
    return one in above[other] and other in above[one]


def _ancestors(name: str, parents: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(parents[name])
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += parents[parent]
    return found
