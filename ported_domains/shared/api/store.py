"""How the rows of a resource are written: what both APIs ask of a domain."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

Values = Mapping[str, Any]
"""By name of the column, as the column takes them."""


class Store(Protocol):
    """Of one table. Every method but `faults` is part of a transaction that `writing` opened.

    What a write brings with it (times, slug, HTML of texts, marks on other rows, boxes) is done in
    the same transaction.
    """

    @property
    def domain(self) -> str: ...

    def faults(self, values: Values, stored: Values | None) -> dict[str, list[str]]:
        """What is wrong with the values as a whole: texts by field. `stored` is the row that they
        would replace."""

    async def alone(self, db: AsyncSession) -> None:
        """Wait until nobody else writes rows of this kind, and keep others waiting."""

    async def create(self, db: AsyncSession, values: Values) -> int:
        """Key of the new row; what is left out of `values` has the default of its column."""

    async def change(self, db: AsyncSession, key: int, values: Values) -> None:
        """The row is there."""

    async def remove(self, db: AsyncSession, keys: Sequence[int]) -> None:
        """The rows and those that belong to them. Keys of no row are passed over."""
