"""Drafts, days that are no days, two meetings on one: what the recorded answers do not show."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import lxml.html
import psycopg
import pytest
import pytest_asyncio
from lxml import etree

from ported_domains.minutes.records import ARCHIVE
from ported_domains.shared.caching.cache import AnswerCache
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.golden import signed_in
from tests.ported_domains.users.accounts.agreed import contracts_of
from tests.ported_domains.wire import NativeSite, Reply, ask, native_site

FEED = f"{ARCHIVE}feed/"
NOW = 1000.0
"""By the cache's clock, which stands still: what was heard a while ago is not forgotten."""
ROWS = """
INSERT INTO sites (id, domain, name) VALUES (1, 'www.python.org', 'Python');
INSERT INTO minutes (id, created, updated, date, content, content_markup_type, content_rendered,
                     is_published)
VALUES (1, now(), now(), '2024-05-01', 'x', 'html', '<p>May &amp; all</p>', true),
       (2, now(), now(), '2024-06-01', 'x', 'html', '<p>June</p>', false),
       (3, now(), now(), '2024-07-01', 'x', 'html', '<p>July</p>', true),
       (4, now(), now(), '2024-07-01', 'x', 'html', '<p>July again</p>', false),
       (5, now(), now(), '2024-08-01', 'x', 'html', '<p>August</p>', true),
       (6, now(), now(), '2024-08-01', 'x', 'html', '<p>August again</p>', true),
       (7, now(), now(), '0987-12-31', 'x', 'html', '<p>Long ago</p>', true);
"""


@dataclass
class Asked:
    """`staff` is a cookie, `counts` what became of answers in the cache."""

    native: NativeSite
    database_url: str
    cache: AnswerCache
    staff: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    async def get(self, url: str, **headers: str) -> Reply:
        return await ask(self.native.url, "GET", url, **headers)

    async def page(self, url: str, **headers: str) -> Any:
        return lxml.html.document_fromstring((await self.get(url, **headers)).body)

    async def shown(self, url: str, **headers: str) -> tuple[int, list[int]]:
        """Status, and the keys of the minutes that the page was given."""
        self.native.pages.clear()
        reply = await self.get(url, **headers)
        [(_, names)] = self.native.pages
        given = names.get("minutes_list") or [names["minutes"], *names["same_year_minutes"]]
        return reply.status, [minutes.id for minutes in given]


@pytest.fixture(scope="module")
def minutes_url(stack: EmbeddedStack, native_template: str) -> str:
    url = stack.create_database("minutes", template=native_template)
    with psycopg.connect(url) as connection:
        connection.execute(ROWS)
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(minutes_url: str, legacy_database_url: str) -> AsyncIterator[Asked]:
    counts: Counter[str] = Counter()

    def counted(what: str, times: int) -> None:
        counts[what] += times

    cache = AnswerCache(1 << 20, counted, lambda: NOW)
    [staff] = signed_in(legacy_database_url, ["admin1"])
    engine = open_engine(legacy_database_url, pool_size=2, name="minutes")
    contracts = contracts_of(engine)
    site = native_site(minutes_url, legacy_database_url, contracts=contracts, cache=cache)
    async with site as native:
        yield Asked(native, minutes_url, cache, staff, counts)
    contracts.passwords.close()
    await engine.dispose()


async def test_drafts_are_listed_for_staff(asked: Asked) -> None:
    assert await asked.shown(ARCHIVE) == (200, [6, 5, 3, 1, 7])
    assert await asked.shown(ARCHIVE, Cookie=asked.staff) == (200, [6, 5, 4, 3, 2, 1, 7])


async def test_a_draft_is_there_for_staff_alone(asked: Asked) -> None:
    """The list of the year names it to everybody, as on the legacy site."""
    year = [1, 2, 3, 4, 5, 6]
    draft = f"{ARCHIVE}2024-06-01/"
    assert (await asked.get(draft)).status == 404
    assert (await asked.get(draft, Cookie="sessionid=nobodysatall")).status == 404
    assert await asked.shown(draft, Cookie=asked.staff) == (200, [2, *year])
    assert await asked.shown(f"{ARCHIVE}2024-05-01/") == (200, [1, *year])


async def test_of_two_on_one_day_one_is_shown(asked: Asked) -> None:
    """On purpose: the legacy site fails there."""
    july, august = f"{ARCHIVE}2024-07-01/", f"{ARCHIVE}2024-08-01/"
    assert [(await asked.shown(url))[1][0] for url in (july, august)] == [3, 6]
    assert (await asked.shown(july, Cookie=asked.staff))[1][0] == 3


@pytest.mark.parametrize(
    "day", ["2013-13-40", "2024-02-30", "0000-01-01", "2024-05-02", "2024-5-1"]
)
async def test_there_was_no_meeting_on_that_day(asked: Asked, day: str) -> None:
    """The legacy site fails in the year 0."""
    assert (await asked.get(f"{ARCHIVE}{day}/")).status == 404


async def test_a_year_before_the_thousandth(asked: Asked) -> None:
    assert await asked.shown(f"{ARCHIVE}0987-12-31/") == (200, [7, 7])


async def test_the_slash_at_the_end(asked: Asked) -> None:
    reply = await asked.get(f"{ARCHIVE}2024-05-01?x=1")
    assert (reply.status, reply.headers["location"]) == (301, f"{ARCHIVE}2024-05-01/?x=1")


async def test_built_in_pages_show_what_there_is(asked: Asked) -> None:
    page = await asked.page(f"{ARCHIVE}2024-05-01/")
    [article] = page.iterfind(".//article")
    assert article.text_content().split()[-2:] == ["&", "all"]
    listed = await asked.page(ARCHIVE, Cookie=asked.staff)
    assert [item.text_content() for item in listed.findall(".//main//section//li")] == [
        "August 1, 2024",
        "August 1, 2024",
        "July 1, 2024 (draft)",
        "July 1, 2024",
        "June 1, 2024 (draft)",
        "May 1, 2024",
        "December 31, 0987",
    ]
    assert [heading.text for heading in listed.findall(".//main//h2")] == ["2024", "987"]


async def test_built_in_pages_lead_nobody_to_what_they_cannot_see(asked: Asked) -> None:
    url = f"{ARCHIVE}2024-05-01/"
    others = []
    for headers in ({}, {"Cookie": asked.staff}):
        page = await asked.page(url, **headers)
        others.append([item.text_content() for item in page.findall(".//aside/nav[h2]//li")])
    assert others == [
        ["May 1, 2024", "July 1, 2024", "Aug. 1, 2024", "Aug. 1, 2024"],
        [
            *("May 1, 2024", "June 1, 2024 (draft)", "July 1, 2024", "July 1, 2024 (draft)"),
            *("Aug. 1, 2024", "Aug. 1, 2024"),
        ],
    ]


async def test_the_feed_is_the_same_for_staff(asked: Asked) -> None:
    anonymous, staff = [
        await asked.get(FEED, **headers) for headers in ({}, {"Cookie": asked.staff})
    ]
    assert anonymous.body == staff.body
    tree = etree.fromstring(anonymous.body)
    assert tree.findtext("channel/link") == f"http://www.python.org{ARCHIVE}"
    first, *_, last = tree.iterfind("channel/item")
    assert {child.tag: child.text for child in first} == {
        "title": "PSF Meeting Minutes for 2024-08-01",
        "link": f"http://www.python.org{ARCHIVE}2024-08-01/",
        "description": "<p>August again</p>",
        "pubDate": "Thu, 01 Aug 2024 00:00:00 +0000",
        "guid": f"http://www.python.org{ARCHIVE}2024-08-01/",
    }
    assert last.findtext("pubDate") == "Mon, 31 Dec 0987 00:00:00 +0000"
    assert len(tree.findall("channel/item")) == 5
    assert anonymous.headers["last-modified"] == "Thu, 01 Aug 2024 00:00:00 GMT"
    assert "vary" not in anonymous.headers


async def test_what_all_see_is_kept_and_what_staff_see_is_not(asked: Asked) -> None:
    asked.cache.pulse()
    asked.counts.clear()
    for _ in range(2):
        await asked.get(ARCHIVE)
        await asked.get(ARCHIVE, Cookie=asked.staff)
        await asked.get(f"{ARCHIVE}2024-05-01/")
        await asked.get(FEED)
    assert (asked.counts["hit"], asked.counts["unfit"]) == (3, 0)
    assert b"June" not in (await asked.get(ARCHIVE)).body
    assert b"June" in (await asked.get(ARCHIVE, Cookie=asked.staff)).body
