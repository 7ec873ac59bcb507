"""Pages in API v1 (behaviour/pages.md; api.md B)."""

from typing import Any, Final

from ported_domains.pages.models import Page
from ported_domains.pages.store import Pages
from ported_domains.shared.api.v1.resource import RESOURCE_URI, Field, Resource
from ported_domains.shared.api.v1.routes import routes

EXACT: Final = ("exact",)
HELP_TEXTS: Final = {
    "keywords": "HTTP meta-keywords",
    "description": "HTTP meta-description",
    "template_name": "Example: 'pages/about.html'. If this isn't provided, the system will use "
    "'pages/default.html'.",
}
"""Both APIs and the legacy site's admin show them."""


def _field(column: Any, **stated: Any) -> Field:
    return Field(name=column.key, column=column, help_text=HELP_TEXTS.get(column.key, ""), **stated)


def _text(value: Any) -> str:
    """Of anything else there is no HTML."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


PAGE = Resource(
    name="pages/page",
    key=Page.id,
    store=Pages(),
    order=(Page.title, Page.path),
    published=Page.is_published,
    fields=(
        # Shown as HTML, but written as text.
        _field(Page.content_rendered.label("content"), default="", stores=_text),
        _field(Page.description, default="", blank=True),
        _field(Page.is_published, kind="boolean", filtering=EXACT, default=True),
        _field(Page.keywords, filtering=("exact", "icontains"), default="", blank=True),
        _field(Page.path, filtering=EXACT, unique=True),
        RESOURCE_URI,
        _field(Page.template_name, default="", blank=True),
        _field(Page.title, filtering=EXACT),
    ),
)

ROUTES = routes(PAGE)
