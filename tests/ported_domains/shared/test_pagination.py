"""Pages as Django's paginator makes them, by what its documentation says of each."""

from typing import Any

import pytest
from litestar.exceptions import NotFoundException

from ported_domains.shared.pagination import Page, Paginator


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (25, 1), (26, 2), (50, 2), (51, 3), (1_000_000, 40_000)]
)
def test_number_of_pages(count: int, pages: int) -> None:
    assert Paginator(count, 25).num_pages == pages


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 1),
        ("page=", 1),
        ("other=2", 1),
        ("page=1", 1),
        ("page=2", 2),
        ("page=last", 3),
        ("page=3&page=2", 2),
        ("page=%20+2+", 2),
        ("page=%D9%A2", 2),
        ("page=0_2", 2),
    ],
)
def test_the_page_that_is_asked_for(query: str, number: int) -> None:
    assert Paginator(51, 25).number(query.encode()) == number


@pytest.mark.parametrize(
    "asked", ["0", "4", "-1", "1.5", "two", "LAST", "last ", "NaN", "9" * 30, "9" * 5000, "%00"]
)
def test_there_is_no_such_page(asked: str) -> None:
    with pytest.raises(NotFoundException):
        Paginator(51, 25).number(f"page={asked}".encode())


def facts(page: Page[Any]) -> tuple[object, ...]:
    return (
        page.has_previous(),
        page.has_next(),
        page.has_other_pages(),
        page.start_index(),
        page.end_index(),
    )


def test_a_page_knows_its_place() -> None:
    paginator = Paginator(51, 25)
    first, middle, last = (Page(["row"], number, paginator) for number in paginator.page_range)
    assert facts(first) == (False, True, True, 1, 25)
    assert facts(middle) == (True, True, True, 26, 50)
    assert facts(last) == (True, False, True, 51, 51)
    assert facts(Page([], 1, Paginator(0, 25))) == (False, False, False, 0, 0)
    assert (middle.previous_page_number(), middle.next_page_number()) == (1, 3)
    assert paginator.offset(3) == 50
    assert str(middle) == "<Page 2 of 3>"
    for beyond in (first.previous_page_number, last.next_page_number):
        with pytest.raises(IndexError):
            beyond()


def test_a_page_is_a_sequence_of_its_rows() -> None:
    page = Page(["a", "b", "c"], 1, Paginator(3, 25))
    assert (list(page), len(page), page[1], page[1:], "c" in page) == (
        ["a", "b", "c"],
        3,
        "b",
        ["b", "c"],
        True,
    )
