"""Uploads in the place of their smaller images, where nobody makes these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ported_domains.shared.stored_file import StoredFile


@dataclass(frozen=True, slots=True)
class Original:
    """An upload in the place of its thumbnail. How large it is nobody knows: a `width` or `height`
    that says nothing leaves it to the style of the page."""

    url: str
    width: str = ""
    height: str = ""


class Originals:
    """`Thumbnails` of a site's templates."""

    def thumbnail(self, source: Any, geometry: str, options: Mapping[str, Any]) -> Original | None:
        """`source` is a file with an address, the name of one, or nothing."""
        return original_of(source) if source else None


def original_of(source: Any) -> Original:
    if (url := getattr(source, "url", None)) is not None:
        return Original(str(url))
    return Original(str(source) if "//" in str(source) else StoredFile(str(source)).url)
