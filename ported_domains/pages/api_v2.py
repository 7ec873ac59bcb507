"""Pages in API v2, where nobody writes them (behaviour/pages.md; api.md C)."""

from typing import Any

from ported_domains.pages.models import Page
from ported_domains.shared.api.v2.filters import Boolean, ContainsAnyCase, Exact
from ported_domains.shared.api.v2.resource import RESOURCE_URI, Field, Resource
from ported_domains.shared.api.v2.routes import routes


def _field(column: Any, kind: str = "string") -> Field:
    name: str = column.key
    return Field(name=name, column=column, kind=kind, label=name.replace("_", " ").capitalize())


PAGE = Resource(
    name="pages/page",
    model="Page",
    label="Page",
    key=Page.id,
    order=(Page.title, Page.path),
    published=Page.is_published,
    strict=True,
    fields=(
        _field(Page.title),
        _field(Page.path),
        _field(Page.keywords),
        _field(Page.description),
        _field(Page.content_rendered.label("content")),
        _field(Page.is_published, "boolean"),
        _field(Page.template_name),
        RESOURCE_URI,
    ),
    filters=(
        Exact(Page.title, "title"),
        Exact(Page.path, "path"),
        Exact(Page.keywords, "keywords"),
        ContainsAnyCase(Page.keywords, "keywords__icontains"),
        Boolean(Page.is_published, "is_published"),
    ),
)

ROUTES = routes(PAGE)
