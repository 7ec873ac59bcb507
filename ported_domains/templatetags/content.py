"""What the tags of the site's own libraries show. Each domain gives its part."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

from legacy_bridge.templates.faults import RenderingError


class Content(Protocol):
    """Where the tags ask; rows have the names that the legacy models' attributes have."""

    def box(self, label: str) -> str | None:
        """Rendered HTML; `None` where there is no such box."""

    def active_banner(self, psf_pages_only: bool) -> Any: ...

    def blog_entries(self, feed: str | None, limit: int) -> Sequence[Any]:
        """The newest of the blog, or of a feed by its slug."""

    def upcoming_events(self, limit: int, only_featured: bool) -> Sequence[Any]: ...

    def featured_story(self) -> Any: ...

    def latest_stories(self, limit: int) -> Sequence[Any]: ...

    def stories_of(self, category: str, limit: int) -> Sequence[Any]: ...

    def story_categories(self) -> Sequence[Any]: ...

    def active_releases(self) -> Mapping[str, Any]: ...

    def end_of_life(self, release: Any) -> Mapping[str, Any]: ...

    def sponsorship(self, sponsorship: Any, display_fee: bool) -> Mapping[str, Any]: ...

    def sponsors(self, logo_place: str, publisher: str) -> Mapping[str, Any]: ...

    def benefit_quantity(self, benefit: Any, package: Any) -> Any: ...

    def benefit_name(self, benefit: Any, package: Any) -> Any: ...


CONTENT: ContextVar[Content] = ContextVar("content")
"""Set around each rendering that may meet these tags."""


def content() -> Content:
    """Raises `RenderingError` where nothing was given."""
    try:
        return CONTENT.get()
    except LookupError:
        raise RenderingError("no content is known for the site's tags; set CONTENT") from None
