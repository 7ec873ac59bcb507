"""Rows that a rehearsal would have written beside those that came from the legacy side. Pure.

Rows are as `to_jsonb` gives them, by table and key. Two written rows are not the same where a
column differs, but for what no two writers can agree on:

    keys from sequences    those of new rows, and references to them
    the time               any two moments close to that of the request
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from legacy_bridge.replication.mapping import TableMapping
from proxy.parity.config import ParityConfig
from proxy.parity.finding import Difference, Findings

CLOSE_SECONDS = 30.0
NEW = "(new)"

Key = tuple[Any, ...]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """Of one table: rows that were made or changed, as they are then, and keys that are gone.
    `known` are the keys that were there before."""

    rows: Mapping[Key, Row] = field(default_factory=dict)
    gone: frozenset[Key] = frozenset()
    known: frozenset[Key] = frozenset()


Effect = Mapping[str, Written]
"""By table."""


def nothing(effect: Effect) -> bool:
    return not any(one.rows or one.gone for one in effect.values())


def differences(
    mappings: Sequence[TableMapping], came: Effect, rehearsed: Effect, at: float
) -> tuple[Difference, ...]:
    """What the rehearsal did otherwise than what came, as field paths: `releases/column`,
    `releases/+` for a new row, `releases/-` for one that is gone. Values are masked. `at` is the
    time of the request."""
    findings = Findings(ParityConfig())
    new = {name: _new(effect) for name, effect in (("came", came), ("rehearsed", rehearsed))}
    for mapping in mappings:
        name = mapping.native
        theirs, ours = came.get(name, Written()), rehearsed.get(name, Written())
        _compare_kept(mapping, theirs, ours, at, findings)
        _compare_new(
            mapping, _as_new(theirs, new["came"]), _as_new(ours, new["rehearsed"]), at, findings
        )
        for key in sorted(theirs.gone ^ ours.gone, key=repr):
            gone = str(key)
            findings.one_sided(
                f"{name}/-",
                gone if key in theirs.gone else None,
                gone if key in ours.gone else None,
            )
    return tuple(findings)


def _compare_kept(
    mapping: TableMapping, theirs: Written, ours: Written, at: float, findings: Findings
) -> None:
    """Rows that were there before, by their keys."""
    for key in sorted(_kept(theirs) | _kept(ours), key=repr):
        one, other = theirs.rows.get(key), ours.rows.get(key)
        if one is None or other is None:
            path = f"{mapping.native}/changed"
            shown = str(key)
            findings.one_sided(path, shown if one else None, shown if other else None)
        else:
            _compare_columns(mapping, one, other, at, findings)


def _kept(written: Written) -> set[Key]:
    return {key for key in written.rows if key in written.known}


def _new(effect: Effect) -> frozenset[Any]:
    """The keys of one column that were not there before: only those come from sequences."""
    return frozenset(
        key[0]
        for written in effect.values()
        for key in written.rows
        if len(key) == 1 and key not in written.known
    )


def _as_new(written: Written, new: frozenset[Any]) -> list[Row]:
    """New rows without what only their keys tell, in an order that both sides share."""
    rows = [row for key, row in written.rows.items() if key not in written.known]
    told = [
        {
            name: NEW if (name == "id" or name.endswith("_id")) and value in new else value
            for name, value in row.items()
        }
        for row in rows
    ]
    return sorted(told, key=lambda row: str(row.get("slug") or row.get("name") or row))


def _compare_new(
    mapping: TableMapping,
    theirs: Sequence[Row],
    ours: Sequence[Row],
    at: float,
    findings: Findings,
) -> None:
    for one, other in zip(theirs, ours, strict=False):
        _compare_columns(mapping, one, other, at, findings)
    for row in theirs[len(ours) :]:
        findings.one_sided(f"{mapping.native}/+", str(row.get("slug", NEW)), None)
    for row in ours[len(theirs) :]:
        findings.one_sided(f"{mapping.native}/+", None, str(row.get("slug", NEW)))


def _compare_columns(
    mapping: TableMapping, one: Row, other: Row, at: float, findings: Findings
) -> None:
    for name in sorted(column.native for column in mapping.columns):
        ours, theirs = one.get(name), other.get(name)
        if ours != theirs and not (_is_now(ours, at) and _is_now(theirs, at)):
            findings.differs(f"{mapping.native}/{name}", str(ours), str(theirs))


def _is_now(value: Any, at: float) -> bool:
    if not isinstance(value, str):
        return False
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return False
    return moment.tzinfo is not None and abs(moment.timestamp() - at) <= CLOSE_SECONDS
