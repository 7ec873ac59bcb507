"""Every recorded answer of the real site below /box/ is met natively."""

import pytest

from ported_domains.boxes.content import box
from tests.ported_domains.golden import DatasetSite, Recorded, named, recorded
from tests.ported_domains.tag_sessions import session_of

pytestmark = pytest.mark.golden
ANSWERS = recorded("/box/")


@pytest.mark.skipif(not ANSWERS, reason="no recorded answers are here")
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == 42


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(
    dataset_site: DatasetSite, whole_dataset_url: str, answer: Recorded
) -> None:
    reply = await dataset_site.meets(answer, {})
    with session_of(whole_dataset_url) as session:
        html = box(session, answer["url"].split("/")[2])
    assert (html is None) == (answer["status"] == 404)
    if html is not None:
        assert reply.body.decode() == html


async def test_any_method_is_answered_but_labels_are_exact(dataset_site: DatasetSite) -> None:
    at = "/box/homepage-introduction/"
    body = (await dataset_site.ask(at)).body
    for method in ("OPTIONS", "TRACE"):
        assert (await dataset_site.ask(at, method=method)).body == body
    assert (await dataset_site.ask(at, method="HEAD")).body == b""
    assert (await dataset_site.ask(at, method="POST")).status == 403  # without a CSRF token
    assert (await dataset_site.ask("/box/Homepage-introduction/")).status == 404
    moved = await dataset_site.ask(at[:-1])
    assert (moved.status, moved.headers["location"]) == (301, at)
