"""A backend of a project's own."""

from sorl.thumbnail.base import ThumbnailBackend


class Backend(ThumbnailBackend):  # type: ignore[misc]  # it has no types
    """Whatever it names files by, sorl does not know."""
