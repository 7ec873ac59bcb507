"""Posts as pages show them, with the names of the legacy models. Pure: `queries` fills them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from ported_domains.shared.markup_text import MarkupText
from ported_domains.shared.related import Related
from ported_domains.shared.stored_file import StoredFile

PRIVATE: Final = 1
PUBLIC: Final = 2
STATUSES: Mapping[int, str] = MappingProxyType({PRIVATE: "private", PUBLIC: "public"})
MEDIA_TYPES: Mapping[int, str] = MappingProxyType({1: "text", 2: "photo", 3: "video", 4: "link"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """The authors are ids of users."""

    id: int
    created: datetime
    updated: datetime
    creator_id: int | None
    last_modified_by_id: int | None

    @property
    def pk(self) -> int:
        return self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(_Row):
    post_id: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo(_Row):
    """Uploaded, or elsewhere at `image_url`."""

    post_id: int
    image: StoredFile
    image_url: str
    caption: str
    click_through_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Video(_Row):
    """Uploaded, or elsewhere: `video_embed` is what an editor pasted, an address or HTML."""

    post_id: int
    video_embed: str
    video_data: StoredFile
    caption: str
    click_through_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(_Row):
    """`meta` may be any JSON."""

    title: str | None
    content: MarkupText
    abstract: str | None
    media_type: int
    source_url: str
    meta: Any
    status: int
    related_link: Related[Link]
    related_photo: Related[Photo]
    related_video: Related[Video]

    def __str__(self) -> str:
        return f"Post {self.get_media_type_display()} ({self.id})"

    def get_absolute_url(self) -> str:
        return f"/community/{self.id}/"

    def get_media_type_display(self) -> str:
        return MEDIA_TYPES.get(self.media_type, str(self.media_type))

    def get_status_display(self) -> str:
        return STATUSES.get(self.status, str(self.status))
