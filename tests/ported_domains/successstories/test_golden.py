"""Every recorded answer of the real site below /success-stories/ is met natively."""

import pytest

from ported_domains.shared.forms import TypedChoiceField
from ported_domains.successstories.catalogue import PATH, Story, StoryCategory
from tests.ported_domains.golden import FILE, DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

ANSWERS = recorded(PATH)
MODELS = {
    Story: "successstories.story",
    StoryCategory: "successstories.storycategory",
    TypedChoiceField: "ModelChoiceField",
}


@pytest.mark.skipif(not FILE.exists(), reason=f"no recorded answers: {FILE} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == 87


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
    await dataset_site.meets(answer, MODELS)
