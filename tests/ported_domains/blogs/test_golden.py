"""Every recorded answer of the real site at /blogs/ is met natively."""

import pytest

from ported_domains.blogs.catalogue import BlogEntry
from tests.ported_domains.golden import FILE, DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

ANSWERS = recorded("/blogs")


@pytest.mark.skipif(not FILE.exists(), reason=f"no recorded answers: {FILE} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == 3


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
    await dataset_site.meets(answer, {BlogEntry: "blogs.blogentry"})
