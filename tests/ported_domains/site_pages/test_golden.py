"""Every recorded answer of the real site to the URLs at its root, and to what means nothing."""

from typing import Any

import pytest

from ported_domains.codesamples.queries import CodeSample
from ported_domains.downloads.catalogue import Release
from tests.ported_domains.golden import DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

MODELS = {CodeSample: "codesamples.codesample", Release: "downloads.release"}
ROOT = {
    *("/", "/_health/", "/authenticated", "/release-edit-button/1", "/humans.txt", "/robots.txt"),
    *("/funding.json", "/shell/", "/about/", "/doc/", "/doc/versions/", "/inner/"),
    *("/psf-landing/", "/psf/sponsors/", "/docs-landing/", "/pypl-landing/", "/shop-landing/"),
    *("/m/foo/bar.png/", "/about", "/old-1-1/", "/old-1-2/", "/old-1-3/"),
}
# The real site fails where it was not told of a bucket; here it is asked itself then, and where it
# cannot be asked the page is not available.
ON_PURPOSE: dict[str, Any] = {"/m/foo/bar.png/": {"status": 503}}
ANSWERS = [answer for answer in recorded("/") if answer["url"] in ROOT]


@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(dataset_site: DatasetSite, answer: Recorded) -> None:
    await dataset_site.meets(answer, MODELS, ON_PURPOSE)


def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == (3 * len(ROOT) if recorded("/") else 0)
