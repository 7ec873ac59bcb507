"""The first copy of a stream, in chunks that are kept if it is interrupted.

    legacy table ─ a range of keys ─ COPY, transformed ─→ native table    one transaction a chunk,
                                                          + bridge_chunks  with how far it came

All chunks of one attempt are read in one snapshot. The first attempt has that of the slot: then
the rows are those at the slot's consistent point, and the stream goes on from there. An attempt
that goes on after another one can only see the rows as they are *now*, and so has some of the
changes that the stream will bring again. Nothing else is known of it, and nothing else is needed:
once the stream is past the newest snapshot (`whole_from`), both sides are equal. For

- what a change left in a row is written by key, as it was after that change. A row that was newer
  goes back in time for a moment, and comes forward again with the later changes, all of which are
  still to come.
- a large value that did not change does not come with a change. Either nobody has changed it since
  the consistent point, and it is right already; or the change that did comes too, and brings it.
- a change of a row that is not there any more, or not yet, has its deletion, or its move to this
  key, behind or before it in the stream; a row that is missing in between goes to quarantine.
- a row that is refused because another one is older or newer than it (a unique value that moves, a
  parent that is gone or not there yet) goes to quarantine, and is read again until it fits: at the
  latest when the others are as they should be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic

from psycopg.sql import SQL, Composed

from legacy_bridge.replication import preflight
from legacy_bridge.replication.apply.marks import mark
from legacy_bridge.replication.apply.sql import drop_temporary
from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.copy import (
    CopyReport,
    Domains,
    Staged,
    Watch,
    merge_staged,
    stage_all,
    table_pairs,
    told,
)
from legacy_bridge.replication.failpoints import failpoint
from legacy_bridge.replication.first_copy import ranges
from legacy_bridge.replication.first_copy.plan import Facts, Group, plan
from legacy_bridge.replication.first_copy.progress import (
    Progress,
    copied,
    forget,
    read_progress,
    write_progress,
)
from legacy_bridge.replication.first_copy.ranges import EVERYTHING, Range
from legacy_bridge.replication.merge import merge
from legacy_bridge.replication.pairs import TablePair
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.quarantine import REFUSALS
from legacy_bridge.replication.records import CopiedTable, release, set_apart, write_down
from legacy_bridge.replication.sequences import advance
from legacy_bridge.replication.snapshot import Load, Snapshot, carry, snapshot, stage
from legacy_bridge.replication.source import NewSlot
from legacy_bridge.replication.streams import FORWARD, mark_copied

LEFT = "what is copied so far stays"


def first_copy(
    legacy: Connection,
    native: Connection,
    domains: Domains,
    watch: Watch,
    slot: NewSlot | None = None,
) -> CopyReport:
    """Copy all tables, or what is missing of them, for whoever is `alone`.

    1. a snapshot: that of a new `slot`, or of now, if an earlier attempt is gone on with
    2. the tables that can be filled in chunks, parents first
    3. the others, into staging, and from there in one transaction with the mark that all is there
    """
    started_at, started = datetime.now(UTC), monotonic()
    tables = [mapping.legacy for mapped in domains.values() for mapping in mapped]
    with (
        told("the legacy database cannot be read", left=LEFT),
        snapshot(legacy, tables, slot) as moment,
    ):
        pairs, doubts = table_pairs(legacy, native, domains)
        warnings = (*preflight.warnings(legacy, native), *doubts)
        begun = read_progress(native)
        way = plan(pairs, Facts.read(native, pairs), begun)
        for group in way.groups:
            _Copying(legacy, native, watch, moment, started_at).group(group)
        read = stage_all(legacy, native, way.staged, watch)
    staged = Staged(moment, way.staged, read)
    done = _complete(native, staged, way.groups, started_at, watch)
    return CopyReport(
        tables=tuple(done[pair.native.name] for pair in pairs),
        warnings=warnings,
        snapshot=moment,
        started_at=started_at,
        seconds=round(monotonic() - started, 3),
    )


def _complete(
    native: Connection,
    staged: Staged,
    groups: Sequence[Group],
    started_at: datetime,
    watch: Watch,
) -> dict[str, CopiedTable]:
    """Merge what was staged, and write down that everything is there."""
    watch.merging()
    with told("while writing the native tables", left=LEFT), native.transaction():
        progress = read_progress(native)
        snapshots = {staged.moment.lsn, *(each.snapshot_lsn for each in progress.values())}
        # Whoever changes a row natively from now on has seen what was copied, if that is one state.
        mark(native, staged.moment.horizon if len(snapshots) == 1 else None)
        tables = list(merge_staged(native, staged, started_at))
        for pair in (pair for group in groups for pair in group.pairs):
            chunked = progress[pair.target.name]
            table = copied(native, pair, chunked)
            write_down(native, chunked.snapshot, chunked.started_at, [table])
            tables.append(table)
        newest = (Lsn.parse(staged.moment.lsn), *(each.whole_from for each in progress.values()))
        mark_copied(native, FORWARD, whole_from=max(newest))
        forget(native)
        failpoint("copy.before_commit")
    failpoint("copy.after_commit")
    return {table.native: table for table in tables}


@dataclass(frozen=True, slots=True)
class _Piece:
    """What one transaction copies of a table, and how far that was before."""

    pair: TablePair
    range_: Range
    before: Progress


@dataclass(frozen=True, slots=True)
class _Written:
    load: Load
    inserted: int


@dataclass(frozen=True, slots=True)
class _Copying:
    """One attempt: from where to where, and as of when."""

    legacy: Connection
    native: Connection
    watch: Watch
    moment: Snapshot
    started_at: datetime

    def group(self, group: Group) -> None:
        """Whatever is missing of these tables."""
        found = read_progress(self.native)
        pieces = [
            _Piece(pair, EVERYTHING, found.get(pair.target.name) or self._nothing_yet(pair))
            for pair in group.pairs
        ]
        for piece in pieces:
            self._tell(piece, 0)
        if all(piece.before.complete for piece in pieces):
            return
        if group.at_once:
            self._chunk(pieces)
        else:
            self._in_ranges(*pieces)

    def _in_ranges(self, piece: _Piece) -> None:
        rows, progress = ranges.FIRST_ROWS, piece.before
        while not progress.complete:
            range_ = Range(progress.through, self._end(piece.pair, progress.through, rows))
            ((progress, load),) = self._chunk([_Piece(piece.pair, range_, progress)])
            rows = ranges.rows_at_a_time(load.rows, load.size)

    def _end(self, pair: TablePair, after: ranges.Key | None, rows: int) -> ranges.Key | None:
        with told(f"while reading {pair.legacy.name}", left=LEFT):
            row = self.legacy.execute(ranges.end_of(pair, after, rows)).fetchone()
        return tuple(row) if row else None

    def _chunk(self, pieces: Sequence[_Piece]) -> list[tuple[Progress, Load]]:
        """Copy the pieces, and write down how far that is, or nothing of it."""
        started = monotonic()
        names = ", ".join(piece.pair.legacy.name for piece in pieces)
        with told(f"while copying {names}", left=LEFT), self.native.transaction():
            mark(self.native)
            for piece in pieces:
                if piece.before.through is None:
                    release(self.native, piece.pair.target.name, None)
            try:
                with self.native.transaction():
                    written = self._written(pieces)
            except REFUSALS:
                written = self._settled(pieces)
            seconds = (monotonic() - started) / len(pieces)
            done = [self._after(*each, seconds) for each in zip(pieces, written, strict=True)]
            failpoint("copy.chunk_written")
        failpoint("copy.chunk_committed")
        return [(progress, each.load) for progress, each in zip(done, written, strict=True)]

    def _written(self, pieces: Sequence[_Piece]) -> list[_Written]:
        """Straight into the tables. Raises what the database says of a row that it refuses."""
        self.native.execute("SET CONSTRAINTS ALL DEFERRED")
        loads = [self._carry(piece) for piece in pieces]
        self.native.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return [_Written(load, load.rows) for load in loads]

    def _carry(self, piece: _Piece) -> Load:
        out = ranges.copy_out(piece.pair, piece.range_, strict=True)
        into = ranges.copy_in(piece.pair)
        return carry(self.legacy, self.native, out, into, partial(self._tell, piece))

    def _settled(self, pieces: Sequence[_Piece]) -> list[_Written]:
        """The same through staging, where refused rows are found and set apart."""
        loads = [self._stage(piece) for piece in pieces]
        merged = merge(self.native, [piece.pair for piece in pieces], _nothing)
        for piece in pieces:
            set_apart(self.native, piece.pair.target.name, merged[piece.pair.target.name].refused)
            self.native.execute(drop_temporary(piece.pair))
        return [
            _Written(load, merged[piece.pair.target.name].inserted)
            for piece, load in zip(pieces, loads, strict=True)
        ]

    def _stage(self, piece: _Piece) -> Load:
        out = ranges.copy_out(piece.pair, piece.range_, strict=False)
        return stage(self.legacy, self.native, piece.pair, partial(self._tell, piece), out)

    def _after(self, piece: _Piece, written: _Written, seconds: float) -> Progress:
        complete = piece.range_.through is None
        if complete:
            advance(self.native, piece.pair)
        progress = replace(
            piece.before,
            through=piece.range_.through,
            complete=complete,
            rows=piece.before.rows + written.load.rows,
            inserted=piece.before.inserted + written.inserted,
            seconds=piece.before.seconds + seconds,
            snapshot_lsn=self.moment.lsn,
            snapshot_at=self.moment.taken_at,
        )
        write_progress(self.native, progress)
        return progress

    def _nothing_yet(self, pair: TablePair) -> Progress:
        return Progress(
            table_name=pair.target.name,
            form=ranges.form(pair),
            through=None,
            complete=False,
            rows=0,
            inserted=0,
            seconds=0.0,
            snapshot_lsn=self.moment.lsn,
            snapshot_at=self.moment.taken_at,
            started_at=self.started_at,
        )

    def _tell(self, piece: _Piece, rows: int) -> None:
        pair = piece.pair
        self.watch.reading(pair.native.name, piece.before.rows + rows, pair.legacy.estimate)


def _nothing(pair: TablePair) -> Composed:
    """The rows that are not staged are those of other chunks."""
    return SQL("DELETE FROM {} WHERE false").format(pair.target_name)
