"""Links to rows in what is sent to API v2: URLs of this API, with or without a host."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from ported_domains.shared.api.v2.resource import ROOT, Field

Locate = Callable[[Field, Any], int | None]
"""The key in a link; None where it is no number. Raises `LinkError`."""


class LinkError(ValueError):
    """The text says what is wrong with the link."""


def locator(is_known: Callable[[str], bool]) -> Locate:
    """`is_known` says whether anything answers at a path."""

    def locate(one: Field, given: Any) -> int | None:
        if not isinstance(given, str):
            kind = type(given).__name__
            raise LinkError(f"Incorrect type. Expected URL string, received {kind}.")
        path = _path(given)
        found = re.fullmatch(rf"{ROOT}{one.link}/([^/.]+)(?:/|\.[a-z0-9]+/?)", path)
        if found is None:
            which = "Incorrect" if is_known(path) else "No"
            raise LinkError(f"Invalid hyperlink - {which} URL match.")
        try:
            return int(found[1])
        except ValueError:
            return None

    return locate


def _path(url: str) -> str:
    if url.startswith(("http:", "https:")):
        try:
            url = urlsplit(url).path
        except ValueError:
            raise LinkError("Invalid hyperlink - No URL match.") from None
    return unquote(url)
