"""How a legacy table becomes a native one, column by column, and back.

A mapping is stated once, next to the models of its domain, and serves both ways a row can travel:
whole tables, transformed by the database that reads them (the SQL forms), and single changes,
transformed here (the Python forms). `checks` holds it against the real tables before a row moves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What of a legacy value survives the way up and down again."""

    LOSSLESS = "lossless"  # all of it
    PRESERVING = "preserving"  # all of it, as long as it is written back only when `up` changed
    FORWARD_ONLY = "forward-only"  # there is no way down: the domain cannot be flipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One value on its way. `up` leads to the native side, `down` back to the legacy one.

    The SQL forms are expressions with `{}` in place of the column, the Python forms take and
    return a single value; NULL is None. Both forms give equal values. For a lossless transform
    `down(up(x)) == x`; a forward-only one has no `down`.
    """

    name: str
    kind: Kind
    up: Callable[[Any], Any]
    up_sql: str
    down: Callable[[Any], Any] | None = None
    down_sql: str | None = None

    def __post_init__(self) -> None:
        one_way = self.kind is Kind.FORWARD_ONLY
        if (self.down is None) is not one_way or (self.down_sql is None) is not one_way:
            needs = "has no way down" if one_way else "needs both `down` and `down_sql`"
            raise ValueError(f"transform {self.name}: a {self.kind} transform {needs}")


def _unchanged(value: Any) -> Any:
    return value


IDENTITY = Transform(
    name="identity",
    kind=Kind.LOSSLESS,
    up=_unchanged,
    up_sql="{}",
    down=_unchanged,
    down_sql="{}",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column on both sides."""

    legacy: str
    native: str
    transform: Transform = IDENTITY


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """One table on both sides. `key` is in native names and identifies a row on both sides.

    `secret_key`: who knows the key may act as somebody, so that no report may show it.
    `left_out` names the legacy columns that stay behind, each with the reason. Native columns
    that no column leads to are the native side's own and survive every copy.
    """

    legacy: str
    native: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    secret_key: bool = False
    left_out: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def values(self) -> tuple[Column, ...]:
        """The columns that are not part of the key."""
        return tuple(column for column in self.columns if column.native not in self.key)

    @property
    def legacy_key(self) -> tuple[str, ...]:
        """The key in legacy names."""
        legacy = {column.native: column.legacy for column in self.columns}
        return tuple(legacy[name] for name in self.key)


def same(*names: str) -> tuple[Column, ...]:
    """Columns with one name and one value on both sides."""
    return tuple(Column(name, name) for name in names)
