"""Native and bundled legacy site show the same stories and blogs, from the same templates, and take
new stories alike: answers, rows and mails."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import lxml.html
import psycopg
import pytest
import pytest_asyncio

from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.registry import mappings
from ported_domains.successstories.submitting import CREATE
from proxy.databases import open_engine
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.bundled import dom
from tests.ported_domains.golden import signed_in
from tests.ported_domains.users.accounts.agreed import accounts_of, contracts_of
from tests.ported_domains.users.accounts.sides import HONEYPOT, Answer, Browser, Side, differences
from tests.ported_domains.wire import client_of, native_site

pytestmark = pytest.mark.parity

VISITORS = ("nobody", "u1_1", "admin1")
AT = "/success-stories/"
PLACES = (
    *("/blogs/", "/blogs", "/blogs/x/", AT, AT[:-1], CREATE, CREATE[:-1], f"{CREATE}?next=/x/"),
    *(f"{AT}maps-by-starlight/", f"{AT}cheese-and-the-moon/", f"{AT}nowhere/", f"{AT}a/b/"),
    *(f"{AT}category/", f"{AT}category/arts/", f"{AT}category/science/", f"{AT}category/x/"),
)
STORY = {
    "name": "Two\r\nlines & more",
    "company_name": "<b>",
    "company_url": "example.org",
    "category": "2",
    "author": "Ada",
    "pull_quote": "quick",
    "content": "**bold**\r\n\r\n- `one`\r\n- <script>two</script>",
}
WRONG: tuple[dict[str, str], ...] = (
    dict.fromkeys(STORY, ""),
    {"name": "Cheese? And the moon!", "author_email": "nobody", "category": "x"},
    {"name": "x" * 201, "company_name": "x" * 501, "category": "77"},
    {"name": "a\0b", "company_url": f"https://example.org/{'x' * 200}"},
)
ROW = """
SELECT name, slug, company_name, company_url, company_id, category_id, author, author_email,
    pull_quote, content, content_markup_type, {rendered}, is_published, featured, image, creator_id,
    last_modified_by_id, submitted_by_id
FROM {table} WHERE slug = 'two-lines-more'
"""
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=)"\w+"')


@dataclass(frozen=True, slots=True)
class Sides:
    """`stories` is the native database."""

    legacy: Side
    native: Side
    stories: str

    def __iter__(self) -> Iterator[Side]:
        return iter((self.legacy, self.native))

    async def browsers(self, visitor: str) -> list[Browser]:
        """One on each side, with the token of the form."""
        browsers = [side.browser() for side in self]
        for browser, side in zip(browsers, self, strict=True):
            if visitor != "nobody":
                [cookie] = signed_in(side.database, [visitor])
                browser.cookies["sessionid"] = cookie.partition("=")[2]
                await browser.get(CREATE)
        return browsers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sides(
    legacy_site: LegacySite,
    stack: EmbeddedStack,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Sides]:
    stories = stack.create_database("stories_parity", template=native_template)
    for domain in ("successstories", "blogs"):
        assert copy_domains(legacy_site.database_url, stories, mappings(domain)).equal
    with psycopg.connect(stories) as connection:
        write_owner(connection, "successstories", Owner.NATIVE)
    mails = tmp_path_factory.mktemp("stories_parity") / "mails"
    engine = open_engine(legacy_site.database_url, pool_size=4, name="stories parity")
    contracts = contracts_of(engine)
    state: dict[str, Any] = {"contracts": contracts, "accounts": accounts_of(contracts, mails)}
    async with (
        native_site(stories, legacy_site.database_url, trusts_peers=True, **state) as site,
        client_of(site.url) as native,
        client_of(legacy_site.url) as legacy,
    ):
        made = Sides(
            Side("legacy", legacy_site.database_url, legacy_site.mails, legacy),
            Side("native", legacy_site.database_url, mails, native, site.pages),
            stories,
        )
        yield made
        for side in made:
            await side.close()
    contracts.passwords.close()
    await engine.dispose()


def seen(answer: Answer) -> dict[str, Any]:
    text = _TOKEN.sub(r"\1X", answer.text)
    return answer.gist | {"page": text and dom(lxml.html.document_fromstring(text))}


@pytest.mark.parametrize("visitor", VISITORS)
async def test_every_page(sides: Sides, visitor: str) -> None:
    legacy, native = await sides.browsers(visitor)
    for place in PLACES:
        told = [seen(await browser.get(place)) for browser in (legacy, native)]
        assert differences(*told) == {}, place


@pytest.mark.parametrize("changed", WRONG)
async def test_what_is_wrong_is_said_alike(sides: Sides, changed: dict[str, str]) -> None:
    form = STORY | HONEYPOT | changed
    told = [seen(await browser.post(CREATE, form)) for browser in await sides.browsers("u1_1")]
    assert differences(*told) == {}
    assert told[0]["status"] == 200


async def test_a_story_is_taken_alike(sides: Sides) -> None:
    for side in sides:
        side.new_mails()
    browsers = await sides.browsers("u1_1")
    told = [seen(await browser.post(CREATE, STORY | HONEYPOT)) for browser in browsers]
    try:
        assert differences(*told) == {}
        assert (told[0]["status"], told[0]["location"]) == (302, CREATE)
        after = [seen(await browser.get(CREATE)) for browser in browsers]
        legacy = await sides.legacy.row(
            ROW.format(table="successstories_story", rendered="_content_rendered")
        )
        with psycopg.connect(sides.stories) as connection:
            query = ROW.format(table="stories", rendered="content_rendered")
            rows = connection.execute(query.encode()).fetchall()
    finally:
        await sides.legacy.rows("DELETE FROM successstories_story WHERE slug = 'two-lines-more'")
    assert differences(*after) == {}
    assert rows == [tuple(legacy.values())]
    sent = [side.new_mails() for side in sides]
    assert [len(mails) for mails in sent] == [1, 1]
    for name in ("subject", "from", "to", "reply-to", "content-type", "content-transfer-encoding"):
        assert sent[0][0][name] == sent[1][0][name], name
    texts = [re.sub(r"story/\d+/", "story/N/", mail.get_content()) for [mail] in sent]
    assert texts[0].splitlines() == texts[1].splitlines()
