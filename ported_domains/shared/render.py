"""Pages from templates: Jinja2 with Django's names for what every page needs."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response
from litestar.di import NamedDependency
from litestar.types import Scope
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from legacy_bridge.django.redirects import location as written
from ported_domains.shared.boxes import BoxLabels, box_lookup, load_boxes
from ported_domains.shared.database import SESSION_KEY, Reader
from ported_domains.shared.formats import FORMATS
from ported_domains.shared.forms import render_field
from ported_domains.shared.manners import PER_VISITOR
from ported_domains.shared.mentions import Mentions
from ported_domains.shared.resolver import Urls
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.names import names
from ported_domains.shared.visitors.state import VisitorState

Filters = Mapping[str, Callable[..., object]]


class Templates:
    """The site's templates. A name that a template uses but nobody gave is an error."""

    def __init__(self, urls: Urls, filters: Filters) -> None:
        self.environment = Environment(
            loader=PackageLoader("ported_domains"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.filters |= dict(FORMATS) | dict(filters)
        self.environment.globals |= {
            "url": _reversal(urls),
            "static": _static,
            "render_field": render_field,
        }
        self.labels = BoxLabels(self.environment)
        self.mentions = Mentions(self.environment)

    def render(
        self,
        template: str,
        visit: Visit,
        context: Mapping[str, Any],
        boxes: Mapping[str, Markup] = MappingProxyType({}),
    ) -> bytes:
        visit.page = (template, context)
        page = self.environment.get_template(template)
        return page.render({**context, "visit": visit, "box": box_lookup(boxes)}).encode()


class Show:
    """Renders a page for this visit; handlers take it as the dependency `show`."""

    def __init__(
        self,
        templates: Templates,
        visit: Visit,
        visitor: VisitorState | None,
        scope: Scope,
        read: Reader,
    ) -> None:
        """Boxes are read in the handler's own session where it has one, else by `read`."""
        self._templates = templates
        self._visit = visit
        self._visitor = visitor
        self._scope = scope
        self._read = read

    async def __call__(self, template: str, /, **context: Any) -> Response[bytes]:
        boxes = await self._boxes(template)
        known = await self._names(template)
        return html(self._templates.render(template, self._visit, known | context, boxes))

    async def _boxes(self, template: str) -> dict[str, Markup]:
        labels = self._templates.labels.of(template)
        if not labels:
            return {}
        own: AsyncSession | None = self._scope.get(SESSION_KEY)  # type: ignore[assignment]
        if own is not None:
            return await load_boxes(own, labels)
        async with self._read() as db:
            return await load_boxes(db, labels)

    async def _names(self, template: str) -> dict[str, Any]:
        if self._visitor is None:
            return {}
        return await names(self._visitor, self._templates.mentions.of(template))


Showing = NamedDependency[Show]


def html(body: bytes, status: int = HTTPStatus.OK, **headers: str) -> Response[bytes]:
    """A full page: it shows who is signed in, so it differs by cookie."""
    return Response(
        body,
        status_code=status,
        media_type="text/html",
        headers=dict([PER_VISITOR]) | headers,
    )


def redirect(location: str) -> Response[bytes]:
    """302 to a path of this site, as Django's redirect views. `DisallowedRedirectError`."""
    return Response(
        b"",
        status_code=HTTPStatus.FOUND,
        media_type="text/html",
        headers={"location": written(location)},
    )


def _reversal(urls: Urls) -> Callable[..., str]:
    @pass_context
    def url(context: Context, name: str, **arguments: object) -> str:
        return urls.reverse(name, context["visit"].namespace, **arguments)

    return url


def _static(path: str) -> str:
    return f"/static/{path}"
