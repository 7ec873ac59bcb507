"""What the beginnings of both streams look at: whether one that is there can go on, and everything
that is in the way of a new one."""

from collections.abc import Callable, Iterable

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import Domains
from legacy_bridge.replication.ends import End
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pairs import Direction
from legacy_bridge.replication.publication import drift
from legacy_bridge.replication.slots import read_slot, require_usable
from legacy_bridge.replication.source import ReplicationSource
from legacy_bridge.replication.streams import StreamRecord, published_tables, require_same_source


def cannot_go_on(
    end: End, source: Connection, record: StreamRecord, domains: Domains
) -> str | None:
    """Why the stream that is there cannot; None if it can. `source` leads to `end`.

    Raises `BridgeError` for most of it.
    """
    if lacking := sorted(set(domains) - set(record.domains)):
        return f"it does not carry {', '.join(lacking)}"
    with ReplicationSource(
        end.url, end.what, slot=record.slot, publication=record.publication
    ) as replicating:
        system = replicating.identify()
    require_same_source(record, system)
    slot = read_slot(source, record.slot)
    require_usable(slot, record.slot, record.applied, system.position)
    found = drift(source, record.publication, published_tables(domains, Direction(record.name)))
    if found.loses or not found.exists:
        missed = ", ".join((*found.absent, *found.filtered, *found.left_out))
        return f"its publication does not bring everything any more: {missed}"
    return None


def problems_of(checks: Iterable[Callable[[], object]]) -> list[str]:
    """All that they raise, each once."""
    problems: list[str] = []
    for one in checks:
        try:
            one()
        except KeyError:
            pass  # a table that is not there, which was said
        except BridgeError as error:
            problems += (problem for problem in error.problems if problem not in problems)
    return problems
