"""What `{% thumbnail %}` shows where nobody makes images smaller: the uploads themselves.

Uploads stay with the legacy site, so there is nothing here to make a smaller image of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
        """`source` is a file with an address, or nothing."""
        return Original(str(source.url)) if source else None
