"""A story is submitted: from the empty form to the row, the mail and the message."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import psycopg
import pytest
import pytest_asyncio

from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.registry import mappings
from ported_domains.shared.mail.choosing import mailer_of
from ported_domains.shared.mail.mail import Mail
from ported_domains.successstories.submitting import CREATE, RECORDED
from ported_domains.users.accounts.services import Accounts
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.golden import signed_in
from tests.ported_domains.users.accounts.agreed import accounts_of, contracts_of
from tests.ported_domains.users.accounts.sides import HONEYPOT, Answer, Browser, Side
from tests.ported_domains.wire import NativeSite, client_of, native_site

DRAFT = {
    "name": "Größe\r\n& more",
    "company_name": "A <company>",
    "company_url": "example.org",
    "category": "1",
    "author": "Ada",
    "author_email": "ada@example.org",
    "pull_quote": "So <b>quick</b>",
    "content": "It *began* <script>x</script>\r\n\r\nand ended",
}
MAIL = """\
Name: Größe
& more
Company name: A <company>
Company URL: http://example.org
Category: Arts
Author: Ada
Author email: ada@example.org
Pull quote:

So <b>quick</b>

Content:

It *began* <script>x</script>

and ended

Review URL: https://www.example.org/admin/successstories/story/4/change/"""
REQUIRED = "This field is required."


@dataclass(frozen=True, slots=True)
class Stories:
    """The native side, whose `native` database has stories; members and staff are legacy rows."""

    site: NativeSite
    side: Side
    native: str
    accounts: Accounts

    async def browser(self, username: str | None = None) -> Browser:
        """With the form's token."""
        browser = self.side.browser()
        if username is not None:
            [cookie] = signed_in(self.side.database, [username])
            browser.cookies["sessionid"] = cookie.partition("=")[2]
            await browser.get(CREATE)
        return browser

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.native) as connection:
            return connection.execute(query.encode()).fetchall()

    def own(self, owner: Owner) -> None:
        with psycopg.connect(self.native) as connection:
            write_owner(connection, "successstories", owner)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stories(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stories]:
    legacy = stack.create_database("stories_legacy", template=legacy_template)
    native = stack.create_database("stories_native", template=native_template)
    assert copy_domains(legacy, native, mappings("successstories")).equal
    mails = tmp_path_factory.mktemp("stories") / "mails"
    engine = open_engine(legacy, pool_size=4, name="stories")
    contracts = contracts_of(engine)
    accounts = accounts_of(contracts, mails)
    async with (
        native_site(
            native, legacy, trusts_peers=True, contracts=contracts, accounts=accounts
        ) as site,
        client_of(site.url) as client,
    ):
        side = Side("native", legacy, mails, client, site.pages)
        made = Stories(site, side, native, accounts)
        made.own(Owner.NATIVE)
        yield made
        await side.close()
    contracts.passwords.close()
    await engine.dispose()


async def submit(browser: Browser, **changed: str) -> Answer:
    return await browser.post(CREATE, DRAFT | HONEYPOT | changed)


async def test_robots_are_refused_before_strangers_are(stories: Stories) -> None:
    stranger = await stories.browser()
    refused = await stranger.post(CREATE, DRAFT)
    assert (refused.status, "email_body_text" in refused.text) == (400, True)
    sent_on = await submit(stranger)
    assert (sent_on.status, sent_on.location) == (302, f"/accounts/login/?next={CREATE}")
    member = await stories.browser("u1_1")
    assert (await submit(member, email_body_text="")).status == 400
    assert stories.rows("SELECT count(*) FROM stories") == [(3,)]


async def test_methods_are_those_of_a_form(stories: Stories) -> None:
    member = await stories.browser("u1_1")
    token = member.cookies["csrftoken"]
    refused = await member.send("DELETE", CREATE, x_csrftoken=token)
    assert (refused.status, refused.headers["allow"]) == (405, "GET, POST, PUT, HEAD, OPTIONS")
    assert (await member.send("PUT", CREATE, x_csrftoken=token)).status == 200


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        (dict.fromkeys(DRAFT, ""), [REQUIRED] * 7),
        ({"name": "A\0b"}, ["Null characters are not allowed."]),
        ({"name": "Maps by starlight"}, ["Please use a unique name."]),
        ({"name": "Maps! By? Starlight"}, ["Please use a unique name."]),
        (
            {"name": "\u33af" * 60},
            ["Please use a shorter name: its address would be too long."],
        ),
        ({"company_url": "javascript:alert(1)"}, ["Enter a valid URL."]),
        ({"author_email": "nobody"}, ["Enter a valid email address."]),
        (
            {"category": "77"},
            ["Select a valid choice. That choice is not one of the available choices."],
        ),
        (
            {"company_name": "x" * 501},
            ["Ensure this value has at most 500 characters (it has 501)."],
        ),
    ],
)
async def test_what_is_wrong_is_said(
    stories: Stories, changed: dict[str, str], errors: list[str]
) -> None:
    member = await stories.browser("u1_1")
    answer = await submit(member, **changed)
    assert (answer.status, answer.errors) == (200, errors)
    assert stories.rows("SELECT count(*) FROM stories") == [(3,)]
    assert stories.side.new_mails() == []


async def test_while_the_legacy_side_owns_stories_it_is_asked(stories: Stories) -> None:
    member = await stories.browser("u1_1")
    stories.site.missed.clear()
    stories.own(Owner.LEGACY)
    try:
        answer = await submit(member)
    finally:
        stories.own(Owner.NATIVE)
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert stories.site.missed == [CREATE]
    assert stories.rows("SELECT count(*) FROM stories") == [(3,)]
    assert (await member.get(CREATE)).messages == []
    assert stories.side.new_mails() == []


async def test_a_draft_is_written_and_the_staff_is_told(stories: Stories) -> None:
    member = await stories.browser("u1_1")
    answer = await submit(member)
    assert (answer.status, answer.location) == (302, CREATE)
    assert (await member.get(CREATE)).messages == [RECORDED]
    assert (await member.get(CREATE)).messages == []
    [row] = stories.rows(
        """
        SELECT id, name, slug, company_url, company_id, category_id, author_email, content,
            content_markup_type, content_rendered, is_published, featured, image, creator_id,
            created = updated, now() - created < '1 min'
        FROM stories ORDER BY id DESC LIMIT 1
        """
    )
    rendered = "<p>It <em>began</em> &lt;script&gt;x&lt;/script&gt;</p>\n<p>and ended</p>\n"
    assert row == (
        *(4, "Größe\r\n& more", "groe-more", "http://example.org", None, 1, "ada@example.org"),
        *(DRAFT["content"], "restructuredtext", rendered, False, False, "", None, True, True),
    )
    [(submitter,)] = stories.rows("SELECT submitted_by_id FROM stories WHERE id = 4")
    assert await stories.side.rows("SELECT username FROM users_user WHERE id = %s", submitter) == [
        {"username": "u1_1"}
    ]
    [mail] = stories.side.new_mails()
    assert (mail["subject"], mail["to"], mail["from"], mail["reply-to"]) == (
        "New success story submission: Größe",
        "psf-staff@python.org",
        "noreply@python.org",
        "ada@example.org",
    )
    assert mail.get_content().replace("\r\n", "\n").strip() == MAIL
    assert (await submit(member)).errors == ["Please use a unique name."]
    at = "/success-stories/groe-more/"
    assert (await (await stories.browser()).get(at)).status == 404
    assert (await member.get(at)).status == 404
    shown = await (await stories.browser("admin1")).get(at)
    assert (shown.status, "/admin/successstories/story/4/change/" in shown.text) == (200, True)
    assert "groe-more" not in (await member.get("/success-stories/category/arts/")).text


async def test_what_cannot_be_mailed_is_recorded_all_the_same(
    stories: Stories, caplog: pytest.LogCaptureFixture
) -> None:
    member = await stories.browser("u1_1")
    mute = replace(stories.accounts, mailer=mailer_of(None))
    contracts = contracts_of(open_engine(stories.side.database, pool_size=2, name="mute"))
    async with (
        native_site(stories.native, trusts_peers=True, contracts=contracts, accounts=mute) as site,
        client_of(site.url) as client,
    ):
        there = Side("native", stories.side.database, stories.side.mails, client)
        browser = there.browser()
        browser.cookies |= member.cookies
        answer = await submit(browser, name="Unheard of", author_email="")
    contracts.passwords.close()
    await contracts.legacy.dispose()
    assert (answer.status, answer.location) == (302, CREATE)
    assert stories.rows("SELECT author_email FROM stories WHERE slug = 'unheard-of'") == [(None,)]
    assert "is recorded, but its mail was not sent" in caplog.text


class SlowMailer:
    """Hands over nothing before there are as many mails as are expected."""

    def __init__(self, expected: int) -> None:
        self._all_there = asyncio.Barrier(expected)

    async def send(self, mail: Mail) -> None:
        async with asyncio.timeout(20):
            await self._all_there.wait()


async def test_who_submits_at_once_waits_for_nobody_elses_connection(stories: Stories) -> None:
    """More of them than the pool has connections: none is held for a second one or for a mail."""
    member = await stories.browser("u1_1")
    number = 6
    slow = replace(stories.accounts, mailer=SlowMailer(number))
    contracts = contracts_of(open_engine(stories.side.database, pool_size=2, name="crowd"))
    async with (
        native_site(stories.native, trusts_peers=True, contracts=contracts, accounts=slow) as site,
        client_of(site.url) as client,
    ):
        browsers = [
            Side("native", stories.side.database, stories.side.mails, client).browser()
            for _ in range(number)
        ]
        for browser in browsers:
            browser.cookies |= member.cookies
        answers = await asyncio.gather(
            *(submit(browser, name=f"Crowd {each}") for each, browser in enumerate(browsers))
        )
    contracts.passwords.close()
    await contracts.legacy.dispose()
    assert [answer.status for answer in answers] == [302] * number
