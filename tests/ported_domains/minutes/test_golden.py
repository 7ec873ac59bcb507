"""Every recorded answer of the real site below /psf/records/board/minutes/ is met natively."""

import pytest

from ported_domains.minutes.records import ARCHIVE, Minutes
from tests.ported_domains.golden import FILE, DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

ANSWERS = recorded(ARCHIVE)


@pytest.mark.skipif(not FILE.exists(), reason=f"no recorded answers: {FILE} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == 51


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
    await dataset_site.meets(answer, {Minutes: "minutes.minutes"})
