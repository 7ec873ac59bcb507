"""HTML of the texts of CMS pages (behaviour/pages.md). Nothing is taken out of it: whoever may
edit pages may put scripts into them."""

from collections.abc import Mapping
from types import MappingProxyType

import cmarkgfm  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

from ported_domains.shared.markup import RENDERERS, Renderer

_EXTENSIONS = ("table", "autolink", "strikethrough", "tasklist")


def render_page(text: str, markup_type: str) -> str:
    """HTML of a page's text; `KeyError` for an unknown type. Takes milliseconds to seconds."""
    return _RENDERERS[markup_type](text)


def _github_markdown(text: str) -> str:
    """A comment takes the place of raw HTML."""
    return str(cmarkgfm.github_flavored_markdown_to_html(text))


def _unsafe_markdown(text: str) -> str:
    """Raw HTML stays, also the tags that GitHub takes the effect from."""
    options = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG
    html = cmarkgfm.markdown_to_html_with_extensions(text, options, list(_EXTENSIONS))
    return str(html)


_RENDERERS: Mapping[str, Renderer] = MappingProxyType(
    {**RENDERERS, "markdown": _github_markdown, "markdown_unsafe": _unsafe_markdown}
)
