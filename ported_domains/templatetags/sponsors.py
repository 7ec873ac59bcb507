"""The library `sponsors` (behaviour/sponsors.md 10)."""

import math
import string
from collections.abc import Mapping
from typing import Any

from legacy_bridge.templates.library import Library
from legacy_bridge.templates.safe import SafeString
from ported_domains.templatetags.content import content

sponsors = Library("sponsors")

_ESCAPES = str.maketrans({sign: f"\\{sign}" for sign in string.punctuation})


@sponsors.inclusion_tag("sponsors/partials/full_sponsorship.txt")
def full_sponsorship(sponsorship: Any, display_fee: bool = False) -> Mapping[str, Any]:
    return content().sponsorship(sponsorship, display_fee)


@sponsors.inclusion_tag("sponsors/partials/sponsors-list.html")
def list_sponsors(logo_place: str, publisher: str = "psf") -> Mapping[str, Any]:
    return content().sponsors(str(logo_place), str(publisher))


@sponsors.simple_tag
def benefit_quantity_for_package(benefit: Any, package: Any) -> Any:
    return content().benefit_quantity(benefit, package)


@sponsors.simple_tag
def benefit_name_for_display(benefit: Any, package: Any) -> Any:
    return content().benefit_name(benefit, package)


@sponsors.filter("ideal_size")
def ideal_size(image: Any, dimension: Any) -> int:
    """The width at which images of the same `dimension` cover areas of the same size."""
    side = int(dimension)
    try:
        width, height = image.width, image.height
    except FileNotFoundError:
        width = height = side
    return int(width * math.sqrt(100 * side / (width * height)))


@sponsors.filter("escape_markdown")
def escape_markdown(value: Any) -> SafeString:
    """Every sign of punctuation with a backslash before it; for Pandoc, not for HTML."""
    return SafeString("".join(str(value)).translate(_ESCAPES))
