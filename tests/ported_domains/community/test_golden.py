"""Every recorded answer of the real site below /community/ is met natively."""

import pytest

from ported_domains.community.posts import Post
from tests.ported_domains.golden import FILE, DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

ANSWERS = recorded("/community/")


@pytest.mark.skipif(not FILE.exists(), reason=f"no recorded answers: {FILE} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == 81


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
    await dataset_site.meets(answer, {Post: "community.post"})
