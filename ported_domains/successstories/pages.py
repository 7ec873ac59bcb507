"""Who answers the URLs of /success-stories/ (behaviour/successstories.md §3)."""

from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException

from ported_domains.shared.database import Database
from ported_domains.shared.render import Showing
from ported_domains.shared.urls import ANY, FromUrl, mount, path
from ported_domains.shared.visitors.guards import login_required, no_robots, visitor_of
from ported_domains.successstories.catalogue import LATEST, PATH
from ported_domains.successstories.content import latest_stories
from ported_domains.successstories.queries import categories, category_by_slug, story_by_slug
from ported_domains.successstories.submitting import story_create


async def story_list(db: Database, show: Showing) -> Response[bytes]:
    """The newest; what is below them the template's own tags ask for."""
    stories = await db.run_sync(latest_stories, LATEST)
    return await show(
        "successstories/story_list.html",
        stories=stories,
        object_list=stories,
        paginator=None,
        page_obj=None,
        is_paginated=False,
    )


async def story_detail(
    request: Request[Any, Any, Any], db: Database, show: Showing, slug: FromUrl
) -> Response[bytes]:
    """Drafts are for the staff."""
    story = await db.run_sync(story_by_slug, slug)
    if story is None or not (story.is_published or await _is_staff(request)):
        raise NotFoundException
    return await show(
        "successstories/story_detail.html",
        story=story,
        object=story,
        category_list=await db.run_sync(categories),
    )


async def category_detail(db: Database, show: Showing, slug: FromUrl) -> Response[bytes]:
    category = await db.run_sync(category_by_slug, slug)
    if category is None:
        raise NotFoundException
    return await show(
        "successstories/storycategory_detail.html",
        storycategory=category,
        object=category,
        category_list=await db.run_sync(categories),
    )


async def _is_staff(request: Request[Any, Any, Any]) -> bool:
    visitor = visitor_of(request)
    await visitor.load()
    return visitor.user.is_staff


ROUTES = (
    path("", story_list, name="success_story_list", kept=True),
    path(
        "create/",
        story_create,
        name="success_story_create",
        methods=ANY,  # a robot is refused and a stranger sent to log in, whatever they ask
        guards=(no_robots, login_required),
    ),
    path("<slug:slug>/", story_detail, name="success_story_detail", kept=True),
    path("category/<slug:slug>/", category_detail, name="success_story_list_category", kept=True),
)
PAGES = mount(PATH.removeprefix("/"), ROUTES)
