"""Every recorded answer of the real site for CMS pages, drafts among them, and in both APIs.

Of a CMS page the record names the template 404.html and its context: the real site renders that
before it looks for a page, and the first template was noted. What is shown is the page's own.
"""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ported_domains.pages.shown import ShownPage
from tests.ported_domains.golden import FILE, DatasetSite, Recorded, named, recorded

pytestmark = pytest.mark.golden

BUILT_IN = Path(__file__).resolve().parents[3] / "ported_domains" / "templates" / "django"
API = recorded("/api/v1/pages/", "/api/v2/pages/")
EVERY = recorded("/")
ADDRESSES = {one["url"] for one in EVERY if one.get("template") == "404.html"}
PAGES = [
    {name: one[name] for name in one if name not in ("template", "context")}
    for one in EVERY
    if one["url"] in ADDRESSES
]


@pytest.fixture(scope="module")
def rows(whole_dataset_url: str) -> dict[str, tuple[int, str]]:
    """Path → key and template."""
    with psycopg.connect(whole_dataset_url) as connection:
        found = connection.execute("SELECT path, id, template_name FROM pages").fetchall()
    return {path: (key, template) for path, key, template in found}


@pytest.mark.skipif(not FILE.exists(), reason=f"no recorded answers: {FILE} is not here")
def test_none_was_lost_in_reading() -> None:
    drafts = [one for one in PAGES if one["status"] == 404]
    assert (len(API), len(PAGES), len(drafts)) == (6, 210, 2)


@pytest.mark.parametrize("answer", API, ids=named)
async def test_recorded_answer_of_an_api(dataset_site: DatasetSite, answer: Recorded) -> None:
    reply = await dataset_site.meets(answer, {})
    assert json.loads(reply.body) == answer["json"]


@pytest.mark.parametrize("answer", PAGES, ids=named)
async def test_recorded_page(
    dataset_site: DatasetSite, rows: dict[str, tuple[int, str]], answer: dict[str, Any]
) -> None:
    await dataset_site.meets(answer, {})
    [(template, context)] = dataset_site.native.pages
    if answer["status"] == 404:
        assert template == "404.html"
        return
    key, own = rows[answer["url"].strip("/")]
    assert template == (own if own and (BUILT_IN / own).exists() else "pages/default.html")
    assert context["page"] is context["object"]
    assert isinstance(context["page"], ShownPage)
    assert (context["page"].pk, context["in_pages_app"]) == (key, True)
    assert (context["URL_NAME"](), context["URL_NAMESPACE"]()) == (None, None)
