"""Pages from templates.

Templates in Django's language come first: those of the legacy site where it gave them, then the
built-in ones.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from jinja2 import TemplateNotFound
from litestar import Response
from litestar.di import NamedDependency

from legacy_bridge.django.redirects import location as written
from legacy_bridge.templates.environment import SiteTemplate
from legacy_bridge.templates.faults import TemplateFaultsError
from ported_domains.shared.database import SESSION_KEY
from ported_domains.shared.look import Look
from ported_domains.shared.manners import PER_VISITOR
from ported_domains.shared.rendering import Rendering, Sources
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.names import TemplateRequest, names
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.templatetags.content import CONTENT

log = logging.getLogger(__name__)
Names = str | Sequence[str]
"""A template, or several of which the first that there is serves."""


class Templates:
    def __init__(self, look: Look) -> None:
        self.look = look
        self._site = look.environment
        self._told: set[str] = set()

    async def render(self, template: Names, asked: Rendering, context: Mapping[str, Any]) -> str:
        """The page. It is noted in the visit. `jinja2.TemplatesNotFound`."""
        found = self._find((template,) if isinstance(template, str) else template)
        shown = {**self._names(asked), **context}
        asked.visit.page = (str(found.name), shown)
        return await asked.run(lambda: self._rendered(found, asked, shown))

    async def bare(self, template: str, asked: Rendering) -> str:
        """A page of the site's own templates that is given no names at all, as Django renders the
        one for 500. `jinja2.TemplateNotFound`."""
        found = self._site.template(template)
        asked.visit.page = (template, {})
        return await asked.run(lambda: self._rendered(found, asked, {}))

    def built_in(self, template: str, visit: Visit, context: Mapping[str, Any]) -> str:
        """A built-in page that asks for nothing but what it is given."""
        visit.page = (template, context)
        return self.look.built_in.template(template).render(context)

    def _find(self, templates: Sequence[str]) -> SiteTemplate:
        for name in templates:
            try:
                return self._site.template(name)
            except TemplateNotFound:
                continue
            except TemplateFaultsError as error:
                return self._instead(name, error)
        return self._site.first_template(templates)

    def _instead(self, name: str, error: TemplateFaultsError) -> SiteTemplate:
        """The built-in template for one that has faults, which are raised where there is none."""
        try:
            found = self.look.built_in.template(name)
        except TemplateNotFound:
            raise error from None
        self._tell(name, error)
        return found

    def _tell(self, name: str, error: TemplateFaultsError) -> None:
        """Once, that the site's own template does not serve."""
        if name not in self._told:
            self._told.add(name)
            log.error("the built-in template %s serves, the site's own has faults: %s", name, error)

    def _names(self, asked: Rendering) -> dict[str, Any]:
        request = TemplateRequest(asked.visit, asked.visitor, self.look.person)
        return names(request, asked.visitor) | dict(self.look.names(asked, request))

    def _rendered(self, found: SiteTemplate, asked: Rendering, names: dict[str, Any]) -> str:
        token = CONTENT.set(self.look.content(asked))
        try:
            return found.render(names)
        finally:
            CONTENT.reset(token)


class Show:
    """Renders a page for this visit; handlers take it as the dependency `show`."""

    def __init__(
        self,
        templates: Templates,
        visit: Visit,
        visitor: VisitorState | None,
        scope: Mapping[str, Any],
        sources: Sources,
    ) -> None:
        """Tags read in the handler's own session where it has one."""
        self._templates = templates
        self._visit = visit
        self._visitor = visitor
        self._scope = scope
        self._sources = sources

    async def __call__(self, template: Names, /, **context: Any) -> Response[bytes]:
        """The page as an answer."""
        return html((await self.text(template, **context)).encode())

    async def text(self, template: Names, /, **context: Any) -> str:
        """The page, for an answer of another kind."""
        own: Any = self._scope.get(SESSION_KEY)
        asked = Rendering(self._visit, self._visitor, self._sources, own)
        return await self._templates.render(template, asked, context)


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
