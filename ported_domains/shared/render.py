"""Pages from templates: Jinja2 with Django's names for what every page needs."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response
from litestar.di import NamedDependency
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from ported_domains.shared.boxes import BoxLabels, box_lookup, load_boxes
from ported_domains.shared.formats import FORMATS
from ported_domains.shared.manners import PER_VISITOR
from ported_domains.shared.resolver import Urls
from ported_domains.shared.visit import Visit

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
        self.environment.globals |= {"url": _reversal(urls), "static": _static}
        self.labels = BoxLabels(self.environment)

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

    def __init__(self, templates: Templates, visit: Visit, db: AsyncSession) -> None:
        self._templates = templates
        self._visit = visit
        self._db = db

    async def __call__(self, template: str, /, **context: Any) -> Response[bytes]:
        boxes = await load_boxes(self._db, self._templates.labels.of(template))
        return html(self._templates.render(template, self._visit, context, boxes))


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
    """302 to a path of this site, as Django's redirect views."""
    return Response(
        b"",
        status_code=HTTPStatus.FOUND,
        media_type="text/html",
        headers={"location": quote(location, safe="/#%[]=:;$&()+,!?*@'~")},
    )


def _reversal(urls: Urls) -> Callable[..., str]:
    @pass_context
    def url(context: Context, name: str, **arguments: object) -> str:
        return urls.reverse(name, context["visit"].namespace, **arguments)

    return url


def _static(path: str) -> str:
    return f"/static/{path}"
