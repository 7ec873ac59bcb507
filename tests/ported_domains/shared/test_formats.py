from datetime import UTC, datetime

import pytest

from ported_domains.shared.formats import date, filesize


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0\u00a0bytes"),
        (1, "1\u00a0byte"),
        (1023, "1023\u00a0bytes"),
        (1024, "1.0\u00a0KB"),
        (26_214_400, "25.0\u00a0MB"),
        (1024**3 - 1, "1024.0\u00a0MB"),
        (5 * 1024**6, "5120.0\u00a0PB"),
        (-2048, "-2.0\u00a0KB"),
    ],
)
def test_writes_a_size(size: int, text: str) -> None:
    assert filesize(size) == text


@pytest.mark.parametrize(
    ("month", "text"),
    [(1, "Jan. 9, 2025"), (3, "March 9, 2025"), (9, "Sept. 9, 2025"), (12, "Dec. 9, 2025")],
)
def test_writes_a_date(month: int, text: str) -> None:
    assert date(datetime(2025, month, 9, 23, 59, tzinfo=UTC)) == text
