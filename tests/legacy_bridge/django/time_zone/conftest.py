"""Real Django whose TIME_ZONE is Berlin's."""

from collections.abc import Iterator

import pytest

from tests.legacy_bridge.django.language.side import AnswersSide


@pytest.fixture(scope="session")
def times_side() -> Iterator[AnswersSide]:
    with AnswersSide("time_zone.answers") as side:
        yield side
