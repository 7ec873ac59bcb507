"""From what an editor typed to the HTML that is stored beside it (behaviour/site.md §14).

The same libraries do it as on the legacy side, so that a row is written alike by both. `render` is
for every text but those of CMS pages, which trust their editors (`pages/markup.py`).
"""

from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Any

import markdown  # type: ignore[import-untyped]
import nh3
from docutils import nodes  # type: ignore[import-untyped]
from docutils.core import publish_parts  # type: ignore[import-untyped]
from docutils.parsers.rst import Directive, directives  # type: ignore[import-untyped]
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import TextLexer, get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

from legacy_bridge.templates.filters.html import linebreaks
from legacy_bridge.templates.filters.links import urlize
from legacy_bridge.templates.safe import escape

Renderer = Callable[[str], str]

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
_NEVER = 5
"""Above the levels of docutils' faults. The legacy side cannot save a text with a severe one."""
_ONE_AT_A_TIME = Lock()
"""docutils keeps roles that a text defines for the whole process while it reads it."""


def render(text: str, markup_type: str, *, escaped: bool = False) -> str:
    """Sanitised HTML of `text`; with `escaped` what is HTML in it shows as text. `KeyError` for
    markup of another type than html, plain, markdown and restructuredtext.

    Takes milliseconds to seconds: to be called beside the event loop.
    """
    return sanitise(RENDERERS[markup_type](escape(text) if escaped else text))


def sanitise(html: str) -> str:
    """`html` reduced to harmless tags, attributes and link schemes."""
    attributes = {tag: set(names) for tag, names in _ATTRIBUTES.items()}
    return nh3.clean(html, tags=set(_TAGS), attributes=attributes, url_schemes=set(_SCHEMES))


def _plain(text: str) -> str:
    """Escaped, with links, in paragraphs."""
    # A filter's links say nofollow, those of Django's function do not; escaped text has no quotes.
    linked = urlize(escape(text)).replace(' rel="nofollow"', "")
    return linebreaks(linked, autoescape=False)


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
        "halt_level": _NEVER,
        "_disable_config": True,
    }
    with _ONE_AT_A_TIME:
        parts = publish_parts(text, writer="html4css1", settings_overrides=settings)
    return str(parts["fragment"])


class Code(Directive):  # type: ignore[misc]
    """The directive `code` as the legacy site has it: Pygments' own HTML, without options. What
    Pygments knows no language for, options included, is text."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[Any]:
        html = highlight("\n".join(self.content), _lexer(self.arguments[0]), HtmlFormatter())
        return [nodes.raw("", html, format="html")]


directives.register_directive("code", Code)


def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return TextLexer()


RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {"html": str, "plain": _plain, "markdown": _markdown, "restructuredtext": _restructuredtext}
)
