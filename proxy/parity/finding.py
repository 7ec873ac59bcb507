"""Differences as they are found: masked, shortened, no more than are worth reading."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from proxy.parity.config import ParityConfig
from proxy.parity.masking import both_shown, masked_cookie, shown


class Kind(StrEnum):
    """Seen from the legacy side: the candidate lacks it, has more, has another value or type."""

    MISSING = "missing"
    EXTRA = "extra"
    DIFFERS = "differs"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two answers are not alike. Values are masked and shortened."""

    path: str
    kind: Kind
    control: str = ""
    candidate: str = ""


class Findings:
    """What one comparison found. `notes` say what was not, or not closely, looked at."""

    def __init__(self, config: ParityConfig) -> None:
        self._config = config
        self._found: dict[tuple[str, Kind], Difference] = {}
        self.notes: list[str] = []
        self.left_out = 0

    def __iter__(self) -> Iterator[Difference]:
        return iter(self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def differs(self, path: str, control: str, candidate: str) -> None:
        if self._takes(path, Kind.DIFFERS):
            self._keep(path, Kind.DIFFERS, *both_shown(control, candidate))

    def type(self, path: str, control: str, candidate: str) -> None:
        if self._takes(path, Kind.TYPE):
            self._keep(path, Kind.TYPE, shown(control), shown(candidate))

    def digests(self, path: str, control: str, candidate: str) -> None:
        """Values that tell nothing of what they were made of."""
        if self._takes(path, Kind.DIFFERS):
            self._keep(path, Kind.DIFFERS, control, candidate)

    def one_sided(self, path: str, control: str | None, candidate: str | None) -> None:
        """Exactly one of both is None: that side has nothing there."""
        kind = Kind.MISSING if candidate is None else Kind.EXTRA
        if self._takes(path, kind):
            self._keep(path, kind, shown(control or ""), shown(candidate or ""))

    def cookie(self, path: str, control: str | None, candidate: str | None) -> None:
        """A cookie's value, of which only the length may be told."""
        kinds = {(True, False): Kind.EXTRA, (False, True): Kind.MISSING}
        kind = kinds.get((control is None, candidate is None), Kind.DIFFERS)
        if self._takes(path, kind):
            sides = (
                "" if value is None else masked_cookie(value) for value in (control, candidate)
            )
            self._keep(path, kind, *sides)

    def _takes(self, path: str, kind: Kind) -> bool:
        """Before anything is masked, since a page may have thousands of them."""
        if self._config.ignores(path) or (path, kind) in self._found:
            return False
        if len(self._found) >= self._config.limits.differences:
            self.left_out += 1
            return False
        return True

    def _keep(self, path: str, kind: Kind, control: str, candidate: str) -> None:
        self._found[path, kind] = Difference(path, kind, control, candidate)
