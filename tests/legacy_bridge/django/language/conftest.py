"""Real Django with pages in several languages."""

from collections.abc import Iterator

import pytest

from tests.legacy_bridge.django.language.side import AnswersSide


@pytest.fixture(scope="session")
def languages_side() -> Iterator[AnswersSide]:
    with AnswersSide("language.answers") as side:
        yield side
