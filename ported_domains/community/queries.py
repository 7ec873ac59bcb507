"""What the community pages read. Where the legacy site leaves the order of equals to chance, the
key decides here."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from sqlalchemy import Executable, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.community import models
from ported_domains.community.posts import PUBLIC, Link, Photo, Post, Video
from ported_domains.domain import Record
from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.related import Related
from ported_domains.shared.stored_file import StoredFile

LARGEST_KEY: Final = 2**31 - 1

_posts = models.Post.__table__.c
_PUBLIC = select(models.Post.__table__).where(_posts.status == PUBLIC)
_COUNT = select(func.count()).where(_posts.status == PUBLIC)
_PAGE = (
    _PUBLIC.order_by(_posts.created.desc(), _posts.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_BY_KEY = _PUBLIC.where(_posts.id == bindparam("key"))

Medium = TypeVar("Medium", Link, Photo, Video)


def _of_posts(model: type[Record]) -> Select[Any]:
    """The newest first, as on the legacy site."""
    media = model.__table__.c
    return (
        select(model.__table__)
        .where(media.post_id.in_(bindparam("posts", expanding=True)))
        .order_by(media.created.desc(), media.id.desc())
    )


_LINKS, _PHOTOS, _VIDEOS = map(_of_posts, (models.Link, models.Photo, models.Video))


async def count_public(db: AsyncSession) -> int:
    count: int = (await db.execute(_COUNT)).scalar_one()
    return count


async def public(db: AsyncSession, *, offset: int, limit: int) -> list[Post]:
    """The newest first."""
    return await _fetch(db, _PAGE, offset=offset, limit=limit)


async def public_by_key(db: AsyncSession, key: int) -> Post | None:
    """None for a private one, too."""
    if key > LARGEST_KEY:
        return None
    found = await _fetch(db, _BY_KEY, key=key)
    return found[0] if found else None


async def _fetch(db: AsyncSession, query: Executable, **parameters: object) -> list[Post]:
    """With the links, photos and videos that they carry."""
    rows = (await db.execute(query, parameters)).mappings().all()
    keys = [row["id"] for row in rows]
    links = await _carried(db, _LINKS, Link, keys)
    photos = await _carried(db, _PHOTOS, _photo, keys)
    videos = await _carried(db, _VIDEOS, _video, keys)
    return [
        _post(
            related_link=Related(links[row["id"]]),
            related_photo=Related(photos[row["id"]]),
            related_video=Related(videos[row["id"]]),
            **row,
        )
        for row in rows
    ]


async def _carried(
    db: AsyncSession, query: Executable, make: Callable[..., Medium], posts: Iterable[int]
) -> defaultdict[int, list[Medium]]:
    """By the key of the post; nothing for those that carry none."""
    by_post: defaultdict[int, list[Medium]] = defaultdict(list)
    for row in (await db.execute(query, {"posts": posts})).mappings():
        by_post[row["post_id"]].append(make(**row))
    return by_post


def _post(content: str, content_markup_type: str, content_rendered: str, **rest: Any) -> Post:
    return Post(content=MarkupText(content, content_markup_type, content_rendered), **rest)


def _photo(image: str, **rest: Any) -> Photo:
    return Photo(image=StoredFile(image), **rest)


def _video(video_data: str, **rest: Any) -> Video:
    return Video(video_data=StoredFile(video_data), **rest)
