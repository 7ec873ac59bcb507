from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ported_domains.downloads.catalogue import (
    Release,
    is_at_least,
    newest_version_first,
    version_in,
    version_numbers,
)


def release(name: str, key: int = 1, version: int = 3, page: str | None = None) -> Release:
    return Release(
        id=key,
        name=name,
        slug=f"slug-{key}",
        version=version,
        is_published=True,
        pre_release=False,
        release_date=datetime(2025, 10, 7, tzinfo=UTC),
        release_notes_url="",
        page_path=page,
    )


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("Python 3.14.0", "3.14.0"),
        ("Python 3.15.0b1", "3.15.0"),
        ("Python\t2.7 and more", "2.7"),
        ("Python 3.", "3."),
        ("Python install manager 25.0", ""),
        ("Python2.7.5", ""),
        ("Python   2.7", ""),
        ("Not Python 3.1", ""),
        ("", ""),
    ],
)
def test_reads_the_version_from_a_name(name: str, version: str) -> None:
    assert version_in(name) == version


@pytest.mark.parametrize(
    ("version", "at_least"),
    [
        ("3.5", True),
        ("3.5.0", True),
        ("3.14.0", True),
        ("4", True),
        ("3.4.9", False),
        ("3", False),
        ("3.", False),
        ("2.7.18", False),
        ("", False),
    ],
)
def test_compares_versions_with_3_5(version: str, at_least: bool) -> None:
    assert is_at_least(version, 3, 5) is at_least


@pytest.mark.parametrize(
    ("version", "numbers"), [("3.9.1", (3, 9, 1)), ("3", (3,)), ("3.", (0,)), ("", (0,))]
)
def test_makes_a_sort_key(version: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(version) == numbers


VERSIONS = st.lists(st.integers(0, 99), min_size=1, max_size=4)
NAMES = VERSIONS.map(lambda parts: "Python " + ".".join(map(str, parts))) | st.text(max_size=10)


@given(st.lists(NAMES))
def test_sorts_by_version_and_keeps_the_order_of_equals(names: list[str]) -> None:
    given_order = [release(name, key) for key, name in enumerate(names)]
    result = newest_version_first(given_order)
    assert sorted(given_order, key=lambda r: r.id) == sorted(result, key=lambda r: r.id)
    for one, next_one in pairwise(result):
        keys = [version_numbers(r.get_version()) for r in (one, next_one)]
        assert keys[0] > keys[1] or (keys[0] == keys[1] and one.id < next_one.id)


def test_a_release_without_text_lives_on_its_page() -> None:
    assert release("Python 2.5.4", page="download/2.5.4").get_absolute_url() == "/download/2.5.4/"
    assert release("Python 2.5.4").get_absolute_url() == "/downloads/release/slug-1/"


@pytest.mark.parametrize(
    ("name", "version", "minor"),
    [
        ("Python 3.14.0", 3, "14"),
        ("Python 3.9rc1", 3, "9"),
        ("Python 3.14.0", 2, None),
        ("Python 2.7.18", 2, None),
        ("Python 3", 3, None),
    ],
)
def test_knows_its_series(name: str, version: int, minor: str | None) -> None:
    assert release(name, version=version).minor == minor
