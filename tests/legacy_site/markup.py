"""From what an editor typed to HTML: the types of markup and the sanitiser of the site.

`render` is what every markup field uses. CMS pages are trusted: they use `PAGE_RENDERERS`
without the sanitiser.
"""

from collections.abc import Callable, Mapping

import cmarkgfm
import markdown
import nh3
from cmarkgfm.cmark import Options
from django.utils.html import escape, linebreaks, urlize
from docutils import nodes
from docutils.core import publish_parts
from docutils.parsers.rst import Directive, directives
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

Renderer = Callable[[str], str]

_TAG_NAMES = """
a abbr b blockquote br caption code col colgroup dd del div dl dt em figcaption figure
h1 h2 h3 h4 h5 h6 hr i img ins kbd li ol p pre s span strong sub sup
table tbody td tfoot th thead tr ul
"""
_TAGS = set(_TAG_NAMES.split())
_ATTRIBUTES = {
    "*": {"class", "id", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}


def sanitise(html: str) -> str:
    """`html` reduced to harmless tags, attributes and link schemes."""
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}
    )


def html(text: str) -> str:
    """HTML is passed on as it is."""
    return text


def plain(text: str) -> str:
    """Plain text: escaped, links made clickable, blank lines make paragraphs."""
    return linebreaks(urlize(escape(text)))


def python_markdown(text: str) -> str:
    """Markdown with highlighted code and nothing else beyond the original."""
    return markdown.markdown(
        text,
        extensions=["codehilite"],
        extension_configs={"codehilite": {"css_class": "highlight"}},
    )


class Code(Directive):
    """The directive `code` by Pygments alone, as the real site's markup library has it."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        try:
            lexer = get_lexer_by_name(self.arguments[0])
        except ClassNotFound:
            lexer = TextLexer()
        html = highlight("\n".join(self.content), lexer, HtmlFormatter())
        return [nodes.raw("", html, format="html")]


directives.register_directive("code", Code)


def restructuredtext(text: str) -> str:
    """The body of a reStructuredText document; files and raw HTML are out of its reach."""
    parts = publish_parts(
        text,
        writer="html4css1",
        settings_overrides={
            "raw_enabled": False,
            "file_insertion_enabled": False,
            # Faults show in the text, not in the server's log.
            "warning_stream": False,
            "_disable_config": True,
        },
    )
    return parts["fragment"]


def github_markdown(text: str) -> str:
    """GitHub's Markdown; a comment takes the place of raw HTML."""
    return cmarkgfm.github_flavored_markdown_to_html(text)


def github_markdown_unsafe(text: str) -> str:
    """GitHub's Markdown with raw HTML kept."""
    return cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)


LABELS = {
    "html": "HTML",
    "plain": "Plain",
    "markdown": "Markdown",
    "restructuredtext": "Restructured Text",
    "markdown_unsafe": "Markdown (unsafe)",
}
RENDERERS: Mapping[str, Renderer] = {
    "html": html,
    "plain": plain,
    "markdown": python_markdown,
    "restructuredtext": restructuredtext,
}
PAGE_RENDERERS: Mapping[str, Renderer] = {
    **RENDERERS,
    "markdown": github_markdown,
    "markdown_unsafe": github_markdown_unsafe,
}


def render(text: str, markup_type: str) -> str:
    """`text` as sanitised HTML; an unknown `markup_type` is a KeyError."""
    return sanitise(RENDERERS[markup_type](text))
