"""What can be wrong with a routing.yaml: where, what, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in the file. Line and column count from 1, as editors do.

    As text it is one line, even where a name in the file has line breaks.
    """

    line: int
    column: int
    message: str
    remedy: str

    def __str__(self) -> str:
        text = f"{self.line}:{self.column}: {self.message} — {self.remedy}"
        return "".join(part if part.isprintable() else ascii(part)[1:-1] for part in text)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault whose place is not known yet: what a check of one value finds."""

    message: str
    remedy: str


class RoutingError(Exception):
    """The file cannot be used; `faults` are all that was found, in the order of the file.

    The text has one line a fault, `FILE:LINE:COLUMN: message — remedy`.
    """

    def __init__(self, faults: Iterable[Fault], source: str = "routing.yaml") -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{source}:{fault}" for fault in self.faults))


def shown(value: object) -> str:
    """A written value as a message names it, short and on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…")
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return f"the number {value}"


_LONGEST_SHOWN = 60
