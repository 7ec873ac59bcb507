"""What came of transactions that were applied."""

from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Applied:
    """`refused` rows are in quarantine now, `released` ones were, `lost` ones are conflicts."""

    transactions: int
    rows: int
    refused: int = 0
    released: int = 0
    lost: int = 0

    def __add__(self, more: "Applied") -> "Applied":
        return Applied(*(a + b for a, b in zip(astuple(self), astuple(more), strict=True)))


@dataclass(slots=True)
class Tally:
    refused: int = 0
    released: int = 0
    lost: int = 0
