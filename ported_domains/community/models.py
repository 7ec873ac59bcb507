"""Posts, and the link, photo or video that one carries (behaviour/community.md)."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Authored, Keyed, Record
from ported_domains.shared.columns import MarkupType, refers_to


class Post(Keyed, Authored, Record):
    """`media_type` is 1 text, 2 photo, 3 video, 4 link; `status` is 1 private, 2 public.
    `meta` may be any JSON."""

    __tablename__ = "posts"

    title: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[str]
    content_markup_type: Mapped[MarkupType]
    content_rendered: Mapped[str]
    abstract: Mapped[str | None]
    media_type: Mapped[int]
    source_url: Mapped[str] = mapped_column(String(1000))
    meta: Mapped[Any] = mapped_column(JSONB)
    status: Mapped[int] = mapped_column(index=True)


class Link(Keyed, Authored, Record):
    __tablename__ = "links"

    post_id: Mapped[int | None] = mapped_column(refers_to(Post.id), index=True)
    url: Mapped[str] = mapped_column(String(1000))


class Photo(Keyed, Authored, Record):
    __tablename__ = "photos"

    post_id: Mapped[int | None] = mapped_column(refers_to(Post.id), index=True)
    image: Mapped[str] = mapped_column(String(100))
    image_url: Mapped[str] = mapped_column(String(1000))
    caption: Mapped[str]
    click_through_url: Mapped[str] = mapped_column(String(200))


class Video(Keyed, Authored, Record):
    __tablename__ = "videos"

    post_id: Mapped[int | None] = mapped_column(refers_to(Post.id), index=True)
    video_embed: Mapped[str]
    video_data: Mapped[str] = mapped_column(String(100))
    caption: Mapped[str]
    click_through_url: Mapped[str] = mapped_column(String(200))
