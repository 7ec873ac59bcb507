"""A long list page by page, as Django's paginator cuts it and templates expect it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

from litestar.exceptions import NotFoundException

from ported_domains.shared.forms.values import Values

Row = TypeVar("Row")
LAST = "last"


@dataclass(frozen=True, slots=True)
class Paginator:
    """`count` rows, `per_page` at a time. A list without rows has one page."""

    count: int
    per_page: int

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.per_page))

    @property
    def page_range(self) -> range:
        return range(1, self.num_pages + 1)

    def number(self, query: bytes) -> int:
        """Of the page that a query string asks for: the first one if it does not say, `last` for
        the last one. Raises `NotFoundException` where there is no such page."""
        asked = Values.parse_query(query).get("page") or "1"
        number = self.num_pages if asked == LAST else _whole(asked)
        if number not in self.page_range:
            raise NotFoundException
        return number

    def offset(self, number: int) -> int:
        """How many rows come before those of a page."""
        return (number - 1) * self.per_page


def _whole(text: str) -> int:
    """0, which no page has, for what is no number."""
    try:
        return int(text)
    except ValueError:
        return 0


@dataclass(frozen=True, slots=True)
class Page(Sequence[Row], Generic[Row]):
    """The rows of one page, from 1. Itself a sequence of them."""

    object_list: Sequence[Row]
    number: int
    paginator: Paginator

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self.object_list[index]

    def __len__(self) -> int:
        return len(self.object_list)

    def __str__(self) -> str:
        return f"<Page {self.number} of {self.paginator.num_pages}>"

    def has_next(self) -> bool:
        return self.number < self.paginator.num_pages

    def has_previous(self) -> bool:
        return self.number > 1

    def has_other_pages(self) -> bool:
        return self.has_previous() or self.has_next()

    def next_page_number(self) -> int:
        """`IndexError` after the last page."""
        return self.paginator.page_range[self.number]

    def previous_page_number(self) -> int:
        """`IndexError` before the first page."""
        if not self.has_previous():
            raise IndexError("no page is before the first one")
        return self.number - 1

    def start_index(self) -> int:
        """From 1, of the first row among all; 0 where there are none."""
        return min(self.paginator.offset(self.number) + 1, self.paginator.count)

    def end_index(self) -> int:
        """From 1, of the last row among all."""
        return min(self.number * self.paginator.per_page, self.paginator.count)
