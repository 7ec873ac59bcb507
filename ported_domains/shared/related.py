"""Rows that refer to another one, by the names of Django's related managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Related(Generic[Row]):
    """What a template asks for with `post.related_link.all`; the rows were read beforehand."""

    rows: Sequence[Row] = ()

    def all(self) -> Sequence[Row]:
        return self.rows

    def count(self) -> int:
        return len(self.rows)

    def exists(self) -> bool:
        return bool(self.rows)

    def first(self) -> Row | None:
        return self.rows[0] if self.rows else None
