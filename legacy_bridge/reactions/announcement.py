"""What workers are told on the channel `strangler_changes`. Pure: to and from a NOTIFY's text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from legacy_bridge.replication.pgoutput.lsn import Lsn

CHANNEL = "strangler_changes"
MOST_BYTES = 7900
"""PostgreSQL takes less than 8000."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """`tables` changed, up to `position`; None stands for all that there are. With no tables it
    says that all that was committed up to a second ago has been announced."""

    position: Lsn
    tables: frozenset[str] | None

    @property
    def is_pulse(self) -> bool:
        return self.tables is not None and not self.tables


def pulse(position: Lsn) -> Announcement:
    return Announcement(position, frozenset())


def together(position: Lsn, tables: Iterable[frozenset[str]]) -> Announcement:
    """Of several transactions, of which `position` is the last."""
    return Announcement(position, frozenset().union(*tables))


def encode(announcement: Announcement) -> str:
    """With too many tables for one NOTIFY all count as changed."""
    tables = announcement.tables
    written = _written(announcement.position, None if tables is None else sorted(tables))
    if len(written.encode()) <= MOST_BYTES:
        return written
    return _written(announcement.position, None)


def _written(position: Lsn, tables: list[str] | None) -> str:
    return json.dumps({"position": str(position), "tables": tables}, ensure_ascii=False)


def decode(text: str) -> Announcement:
    """Raises `ValueError` for what is none of ours."""
    said = json.loads(text)
    if not isinstance(said, dict) or not isinstance(position := said.get("position"), str):
        raise ValueError(f"{text!r} is no announcement of changes")  # noqa: TRY004
    tables = said.get("tables")
    if tables is None and "tables" in said:
        return Announcement(Lsn.parse(position), None)
    if not isinstance(tables, list) or not all(isinstance(name, str) for name in tables):
        raise ValueError(f"{text!r} is no announcement of changes")
    return Announcement(Lsn.parse(position), frozenset(tables))
