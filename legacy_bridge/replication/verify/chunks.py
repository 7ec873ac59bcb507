"""Which rows of a table seem to differ: one pass over both sides at once, then a closer look.

1. the table's extent on both sides decides how large a chunk is
2. both servers read their table once, piece by piece, and answer with a number for each chunk
3. of chunks that differ, both sides' rows are read in one order and merged

Rows that change meanwhile seem to differ as well; `settle` looks at them again. Memory is bounded
by the number of chunks, and of rows that are kept at a time.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any, TypeVar

import psycopg

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.verify.fingerprints import Key, TableSide

ROWS_A_CHUNK = 1024
MOST_CHUNKS = 1 << 14
ROWS_A_PAGE = 20
"""To guess the size of a table that was never analyzed."""
PIECE_PAGES = 4096
"""32 MB: no query of the pass is long, so that nothing holds up the server's housekeeping."""
BATCH_ROWS = 2000
MOST_SUSPECTS = 50_000
LARGEST_SHIFT = 62

Row = tuple[Any, ...]
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Opened:
    """A side of a table and a connection to its database, in autocommit."""

    side: TableSide
    connection: Connection


@dataclass(slots=True)
class Sums:
    """Of one side: chunk → number of rows and fingerprint."""

    chunks: dict[int, tuple[int, int]] = field(default_factory=dict)
    rows: int = 0

    def add(self, found: Iterable[Row]) -> None:
        for chunk, count, sum_ in found:
            counted, summed = self.chunks.get(chunk, (0, 0))
            self.chunks[chunk] = (counted + count, summed ^ sum_)
            self.rows += count


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass saw. `suspects`: keys that seem to differ; not `complete`: there are more."""

    rows: int
    replica_rows: int
    suspects: tuple[Key, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Extent:
    lowest: int | None
    highest: int | None
    pages: int


def look_through(
    owner: Opened, replica: Opened, estimate: int, on_rows: Callable[[int], None]
) -> Pass:
    """Compare a whole table. `on_rows` hears how many rows of the owner have been read."""
    ours, theirs = (_extent(side) for side in (replica, owner))
    shift = chunk_shift(owner.side.ordered_by_number, ours, theirs, estimate)
    there, here = both(
        owner.connection,
        lambda: _sums(owner, shift, theirs.pages, on_rows),
        replica.connection,
        lambda: _sums(replica, shift, ours.pages, lambda _: None),
    )
    differing = sorted(
        chunk
        for chunk in there.chunks.keys() | here.chunks.keys()
        if there.chunks.get(chunk) != here.chunks.get(chunk)
    )
    suspects = _suspects(owner, replica, shift, differing) if differing else []
    kept = tuple(suspects[:MOST_SUSPECTS])
    return Pass(there.rows, here.rows, kept, len(kept) == len(suspects))


def chunk_shift(numbered: bool, ours: _Extent, theirs: _Extent, estimate: int) -> int:
    """Chunks are `place >> shift`: about 1024 rows each, and never too many of them."""
    rows = max(estimate, ROWS_A_PAGE * max(ours.pages, theirs.pages))
    chunks = min(max(rows // ROWS_A_CHUNK, 1), MOST_CHUNKS)
    span = 1 << 64
    if numbered:
        ends = [
            end
            for extent in (ours, theirs)
            for end in (extent.lowest, extent.highest)
            if end is not None
        ]
        span = max(ends) - min(ends) + 1 if ends else 1
    return min((span // chunks).bit_length(), LARGEST_SHIFT)


def _extent(opened: Opened) -> _Extent:
    row = opened.connection.execute(opened.side.extent()).fetchone()
    assert row is not None  # noqa: S101  # a SELECT without FROM has one row
    return _Extent(*row)


def _sums(opened: Opened, shift: int, pages: int, on_rows: Callable[[int], None]) -> Sums:
    sums = Sums()
    for piece in _pieces(pages):
        sums.add(opened.connection.execute(opened.side.chunk_sums(shift, piece)))
        on_rows(sums.rows)
    return sums


def _pieces(pages: int) -> list[tuple[int, int | None] | None]:
    """Ranges of pages. A table of one piece is read by a plain scan, several processes at once."""
    starts = range(0, pages, PIECE_PAGES)
    if len(starts) < 2:
        return [None]
    return [*pairwise(starts), (starts[-1], None)]


def both(
    first: Connection,
    ask_first: Callable[[], A],
    second: Connection,
    ask_second: Callable[[], B],
) -> tuple[A, B]:
    """Ask both servers at once. If one fails, or we are interrupted, the other need not go on."""
    with ThreadPoolExecutor(2, thread_name_prefix="verify") as threads:
        one, other = threads.submit(ask_first), threads.submit(ask_second)
        asked: tuple[tuple[Future[Any], Connection], ...] = ((one, first), (other, second))
        try:
            for done in as_completed((future for future, _ in asked)):
                done.result()
        except BaseException:
            # Again and again, as a piece may just have ended and the next one begun.
            while open_ := [(future, asking) for future, asking in asked if not future.done()]:
                for future, asking in open_:
                    asking.cancel_safe(timeout=1)
                    wait([future], timeout=0.1)
            raise
        return one.result(), other.result()


def _suspects(owner: Opened, replica: Opened, shift: int, chunks: list[int]) -> list[Key]:
    """One more than are kept, if there are more."""
    with ExitStack() as opened:
        cursors = [_cursor(opened, side.connection) for side in (owner, replica)]
        firsts = both(
            owner.connection,
            lambda: _first(cursors[0], owner.side, shift, chunks),
            replica.connection,
            lambda: _first(cursors[1], replica.side, shift, chunks),
        )
        there, here = (_rest(c, first) for c, first in zip(cursors, firsts, strict=True))
        return list(islice(unmatched(there, here), MOST_SUSPECTS + 1))


def _cursor(opened: ExitStack, connection: Connection) -> psycopg.ServerCursor[Row]:
    opened.enter_context(connection.transaction())
    return opened.enter_context(connection.cursor(name="differing rows"))


def _first(
    cursor: psycopg.ServerCursor[Row], side: TableSide, shift: int, chunks: list[int]
) -> list[Row]:
    cursor.execute(side.rows_of(shift, chunks))
    return cursor.fetchmany(BATCH_ROWS)


def _rest(cursor: psycopg.ServerCursor[Row], batch: list[Row]) -> Iterator[Row]:
    while batch:
        yield from batch
        batch = cursor.fetchmany(BATCH_ROWS)


def unmatched(there: Iterator[Row], here: Iterator[Row]) -> Iterator[Key]:
    """Keys that one side lacks, or whose fingerprints differ. Both are ordered by place and key."""
    left, right = next(there, None), next(here, None)
    while left or right:
        place = min(_place(row) for row in (left, right) if row)
        mine = left if left and _place(left) == place else None
        theirs = right if right and _place(right) == place else None
        if not (mine and theirs and mine[1] == theirs[1]):
            yield place[1]
        left = next(there, None) if mine else left
        right = next(here, None) if theirs else right


def _place(row: Row) -> tuple[int, Key]:
    place, _, *key = row
    return place, tuple(key)
