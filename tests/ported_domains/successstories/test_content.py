"""What the tags show and what follows from a save, over the shared data set."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from ported_domains.look import look_of
from ported_domains.registry import DOMAINS
from ported_domains.shared.forms.validators import validate_email
from ported_domains.shared.mail.message import compose
from ported_domains.shared.purging import Outdated
from ported_domains.shared.resolver import Urls
from ported_domains.shared.urls import mounted
from ported_domains.successstories.catalogue import Story
from ported_domains.successstories.content import (
    featured_story,
    latest_stories,
    stories_of,
    story_categories,
)
from ported_domains.successstories.mails import STAFF, submission_mail
from ported_domains.successstories.queries import story_by_slug
from ported_domains.successstories.store import BOX, follow, outdated
from proxy.databases import open_engine
from tests.ported_domains.tag_sessions import session_of

PUBLISHED = """
SELECT s.id FROM stories s JOIN story_categories c ON c.id = category_id
WHERE is_published AND (:slug = '' OR c.slug = :slug) ORDER BY created DESC, s.id DESC LIMIT :limit
"""


@pytest.fixture(scope="module")
def session(whole_dataset_url: str) -> Iterator[Session]:
    with session_of(whole_dataset_url) as session:
        yield session


@pytest.fixture(scope="module")
def story(session: Session) -> Story:
    return latest_stories(session, 1)[0]


@pytest_asyncio.fixture
async def db(whole_dataset_url: str) -> AsyncIterator[AsyncSession]:
    """What is written in it is gone at its end."""
    engine = open_engine(whole_dataset_url, pool_size=1, name="stories")
    async with AsyncSession(engine) as session:
        yield session
        await session.rollback()
    await engine.dispose()


def keys(session: Session, slug: str, limit: int) -> list[int]:
    return list(session.scalars(text(PUBLISHED), {"slug": slug, "limit": limit}))


def test_published_stories_come_newest_first(session: Session) -> None:
    assert [story.id for story in latest_stories(session, 5)] == keys(session, "", 5)
    categories = story_categories(session)
    assert [one.name for one in categories] == sorted(one.name for one in categories)
    for category in categories:
        found = stories_of(session, category.slug, 3)
        assert [story.id for story in found] == keys(session, category.slug, 3)
        assert {story.category.pk for story in found} <= {category.pk}
    assert stories_of(session, "nowhere", 5) == []


def test_the_featured_one_is_drawn_from_those_that_are_public(session: Session) -> None:
    session.execute(text("UPDATE stories SET featured = true, is_published = id % 2 = 0"))
    session.execute(text("UPDATE stories SET featured = false WHERE id NOT IN (2, 3, 4)"))
    drawn = [featured_story(session) for _ in range(40)]
    assert {story.id for story in drawn if story} == {2, 4}
    session.execute(text("UPDATE stories SET is_published = false"))
    assert featured_story(session) is None
    session.rollback()


def test_a_linked_company_counts_before_what_was_typed(session: Session, story: Story) -> None:
    session.execute(text("UPDATE companies SET name = 'Linked', url = 'https://linked.example'"))
    session.execute(text("UPDATE stories SET company_id = (SELECT min(id) FROM companies)"))
    linked = story_by_slug(session, story.slug)
    session.rollback()
    assert linked is not None
    assert (linked.get_company_name(), linked.get_company_url()) == (
        "Linked",
        "https://linked.example",
    )
    alone = replace(linked, company=None)
    assert (alone.get_company_name(), alone.get_company_url()) == (
        story.company_name,
        story.company_url,
    )


@pytest.mark.parametrize(
    ("is_published", "featured", "slug", "paths"),
    [
        (False, True, "a", ()),
        (True, False, "a", ("/success-stories/a/",)),
        (True, True, "a", (f"/box/{BOX}/", "/success-stories/a/")),
        (True, True, "", (f"/box/{BOX}/",)),
    ],
)
def test_what_the_cdn_forgets(
    story: Story, is_published: bool, featured: bool, slug: str, paths: tuple[str, ...]
) -> None:
    saved = replace(story, is_published=is_published, featured=featured, slug=slug)
    assert outdated(saved) == tuple(map(Outdated, paths))


@pytest.mark.parametrize("is_published", [True, False])
async def test_the_navigation_shows_the_featured_story_that_was_saved_last(
    db: AsyncSession, story: Story, is_published: bool
) -> None:
    handlers = [mounted(handler) for domain in DOMAINS.values() for handler in domain.handlers]
    environment = look_of()(Urls(handler.opt["url"] for handler in handlers)).environment

    async def render(template: str, **names: Any) -> str:
        return environment.template(template).render(names)

    quote = "<i>quick</i><cite>x</cite>"
    saved = replace(story, is_published=is_published, featured=True, pull_quote=quote)
    await follow(db, saved, render)
    found = text("SELECT content_rendered FROM boxes WHERE label = :label AND content LIKE :like")
    html = await db.scalar(found, {"label": BOX, "like": "%&lt;i&gt;quick%"})
    assert (html is not None) is is_published
    assert not is_published or f'href="{story.get_absolute_url()}"' in str(html)


def test_a_mail_says_who_and_where(story: Story) -> None:
    odd = replace(story, name="One\x07\ntwo", author_email=None)
    mail = submission_mail(odd, "www.example.org", "noreply@python.org")
    assert mail.subject == "New success story submission: One "
    assert mail.body.startswith("Name: One\x07\ntwo\nCompany name: ")
    assert mail.body.endswith(f"Review URL: https://www.example.org{story.get_admin_url()}")
    assert mail.reply_to == ()


@pytest.mark.parametrize(
    "address", ["a@" + "\xe9" * 60 + ".com", "a@ex\uff1eample.com", '"a\x01b"@example.com']
)
def test_an_address_that_no_header_can_say_keeps_no_mail_back(story: Story, address: str) -> None:
    validate_email(address)
    odd = replace(story, author_email=address)
    mail = submission_mail(odd, "www.example.org", "noreply@python.org")
    assert (mail.reply_to, f"Author email: {address}\n" in mail.body) == ((), True)
    sent = compose(mail, default_from="a@example.org", moment=0, message_id="<1@example.org>")
    assert sent.recipients == (STAFF,)
