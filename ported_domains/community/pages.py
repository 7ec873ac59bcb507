"""Who answers the URLs of /community/ (behaviour/community.md §3)."""

from litestar import Response
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from ported_domains.community import queries
from ported_domains.shared.database import Database
from ported_domains.shared.pagination import Page, Paginator
from ported_domains.shared.render import Showing
from ported_domains.shared.urls import mount, path
from ported_domains.shared.visit import Visiting

PER_PAGE = 25


async def post_list(db: Database, show: Showing, visit: Visiting) -> Response[bytes]:
    paginator = Paginator(await queries.count_public(db), PER_PAGE)
    number = paginator.number(visit.query)
    posts = await queries.public(db, offset=paginator.offset(number), limit=PER_PAGE)
    page = Page(posts, number, paginator)
    return await show(
        "community/post_list.html",
        paginator=paginator,
        page_obj=page,
        is_paginated=page.has_other_pages(),
        object_list=posts,
        post_list=posts,
    )


async def post_detail(db: Database, show: Showing, pk: NamedDependency[int]) -> Response[bytes]:
    """Private posts are nobody's to see here, not even for staff."""
    post = await queries.public_by_key(db, pk)
    if post is None:
        raise NotFoundException
    return await show("community/post_detail.html", object=post, post=post)


async def microbit(show: Showing) -> Response[bytes]:
    return await show("community/microbit.html")


POSTS = (
    path("", post_list, name="post_list", kept=True),
    path("<int:pk>/", post_detail, name="post_detail", kept=True),
)
OWN = (path("microbit/", microbit, name="microbit", kept=True),)
PAGES = (*mount("community/", POSTS, namespace="community"), *mount("community/", OWN))
