"""One file a worker in a shared folder, so that any of them can tell the sum over all.

A worker keeps its sheet locked as long as it lives; the kernel lets go of the lock however it ends.
The counters of ended workers are folded into one file, `totals`, and their sheets removed: else a
proxy whose workers are replaced every night would gather files without end.
"""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec
import structlog

from proxy.telemetry.locked import draft_of, held, replace, sole
from proxy.telemetry.tally import Labels, Tally

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

log = structlog.get_logger("telemetry")
_encode = msgspec.msgpack.Encoder().encode


class Sheet(msgspec.Struct):
    """What one worker tells the others; gauges by name and labels."""

    tally: Tally = msgspec.field(default_factory=Tally)
    gauges: dict[str, dict[Labels, float]] = msgspec.field(default_factory=dict)


class Totals(msgspec.Struct):
    """The counters of ended workers.

    `folded` names those added last: their sheets may still lie there, where the worker that folded
    them was ended before it could remove them.
    """

    tally: Tally = msgspec.field(default_factory=Tally)
    folded: list[str] = msgspec.field(default_factory=list)


_SHEET = msgspec.msgpack.Decoder(Sheet)
_TOTALS = msgspec.msgpack.Decoder(Totals)
_Kind = TypeVar("_Kind", Sheet, Totals)


class _Found(NamedTuple):
    name: str
    sheet: Sheet
    live: bool


def metrics_folder() -> Path | None:
    """Where the workers of this proxy meet; None for a process that is alone."""
    folder = os.environ.get(MULTIPROCESS_FOLDER)
    return Path(folder) if folder else None


class Sheets:
    """The sheets in a folder, seen by the worker that `publish`es one of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = f"worker-{os.getpid()}-{secrets.token_hex(4)}"
        self._totals = folder / "totals"
        self._published = b""
        self._locked: BinaryIO | None = None

    def publish(self, sheet: Sheet) -> None:
        """Put our sheet in the place of the last one, if it says anything new.

        The first time, fold what ended workers left: else nobody would where no page is asked for.
        """
        octets = _encode(sheet)
        if octets == self._published:
            return
        if self._locked is None:
            self.fold()
        locked = replace(self._folder / self._name, octets)
        self._release()
        self._locked = locked
        self._published = octets

    def others(self) -> tuple[Tally, list[Sheet]]:
        """The counters of ended workers, and the sheets of the other live ones."""
        self.fold()
        while True:
            before = self._totals_octets()
            totals = self._read_totals(before)
            live = []
            for found in self._found():
                if found.live:
                    live.append(found.sheet)
                elif found.name not in totals.folded:
                    totals.tally.add(found.sheet.tally)
            # Where another worker folded meanwhile, a sheet may have counted twice, or not at all.
            if self._totals_octets() == before:
                return totals.tally, live

    def fold(self) -> None:
        """Add the counters of ended workers to the totals; whoever comes second leaves it."""
        with sole(self._folder / "folding") as alone:
            if not alone:
                return
            ended = [found for found in self._found() if not found.live]
            if not ended:
                return
            totals = self._read_totals(self._totals_octets())
            for name, sheet, _ in ended:
                if name not in totals.folded:
                    totals.tally.add(sheet.tally)
            totals.folded = [found.name for found in ended]
            replace(self._totals, _encode(totals)).close()
            for name in totals.folded:
                (self._folder / name).unlink(missing_ok=True)
                draft_of(self._folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Let our sheet count as that of an ended worker."""
        self._release()
        self._published = b""

    def _found(self) -> Iterator[_Found]:
        for path in self._folder.glob("worker-*"):
            if path.name != self._name or self._locked is None:
                opened = _open(path)
                if opened is not None:
                    yield _Found(path.name, *opened)

    def _totals_octets(self) -> bytes:
        try:
            return self._totals.read_bytes()
        except FileNotFoundError:
            return b""

    def _read_totals(self, octets: bytes) -> Totals:
        return _decoded(_TOTALS, octets, self._totals) if octets else Totals()

    def _release(self) -> None:
        if self._locked is not None:
            self._locked.close()
            self._locked = None


def _open(path: Path) -> tuple[Sheet, bool] | None:
    """A sheet, and whether its worker lives. None where another worker has just folded it."""
    try:
        with path.open("rb") as file:
            live = held(file)
            octets = file.read()
            # A live worker lets go of its last sheet when the next one has taken the name.
            if not live and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                return _open(path)
    except FileNotFoundError:
        return None
    return _decoded(_SHEET, octets, path), live


def _decoded(decoder: msgspec.msgpack.Decoder[_Kind], octets: bytes, path: Path) -> _Kind:
    """What the file says; nothing where a worker of another version wrote it."""
    try:
        return decoder.decode(octets)
    except msgspec.DecodeError as error:
        reason = str(error)
    log.error("metrics_unreadable", file=str(path), error=reason)
    return decoder.type()
