"""From what an editor typed to the HTML that is stored beside it (behaviour/site.md §14).

The same libraries do it as on the legacy side, so that a row is written alike by both.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import markdown  # type: ignore[import-untyped]
import nh3
from docutils.core import publish_parts  # type: ignore[import-untyped]

_TAG_NAMES = """
a abbr b blockquote br caption code col colgroup dd del div dl dt em figcaption figure
h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre s span strong sub sup
table tbody td tfoot th thead tr ul
"""
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "*": frozenset({"class", "id", "title"}),
        "a": frozenset({"href"}),
        "img": frozenset({"src", "alt", "width", "height"}),
        "td": frozenset({"align", "colspan", "rowspan"}),
        "th": frozenset({"align", "colspan", "rowspan", "scope"}),
    }
)
_SCHEMES = frozenset({"http", "https", "mailto"})


def render_again(text: str, markup_type: str, rendered: str) -> str:
    """HTML of a text that has not changed since `rendered` was made of it; made anew, since rows
    that were loaded rather than saved were never sanitised. `KeyError` for unknown markup.

    Plain text has no rules that change: what was made of it is sanitised again.
    """
    return sanitise(rendered if markup_type == "plain" else _RENDERERS[markup_type](text))


def sanitise(html: str) -> str:
    """`html` reduced to harmless tags, attributes and link schemes."""
    attributes = {tag: set(names) for tag, names in _ATTRIBUTES.items()}
    return nh3.clean(html, tags=set(_TAGS), attributes=attributes, url_schemes=set(_SCHEMES))


def _markdown(text: str) -> str:
    """Highlighted code, and nothing else beyond the original."""
    highlighting = {"codehilite": {"css_class": "highlight"}}
    return str(markdown.markdown(text, extensions=["codehilite"], extension_configs=highlighting))


def _restructuredtext(text: str) -> str:
    """The body of a document. Files and raw HTML are out of its reach, its faults show in it."""
    settings = {
        "raw_enabled": False,
        "file_insertion_enabled": False,
        "warning_stream": False,
        "_disable_config": True,
    }
    parts = publish_parts(text, writer="html4css1", settings_overrides=settings)
    return str(parts["fragment"])


_RENDERERS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"html": str, "markdown": _markdown, "restructuredtext": _restructuredtext}
)
