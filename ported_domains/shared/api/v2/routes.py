"""The URLs of a resource of API v2, in the order in which Django tries them (api.md C.1)."""

from typing import Any

from litestar import Request, Response

from ported_domains.shared.api.inquiry import Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v2 import endpoint
from ported_domains.shared.api.v2.resource import Resource
from ported_domains.shared.urls import ANY, Route, re_path
from ported_domains.shared.visit import Visit, Visiting

Asked = Request[Any, Any, Any]
Answered = Response[bytes]
SLASH = "/$"
SUFFIX = r"\.(?P<suffix>[a-z0-9]+)/?$"


def routes(resource: Resource) -> tuple[Route, ...]:
    """To be mounted below `api/v2/`. Each URL is there with a slash, and with a format suffix."""

    async def show_list(request: Asked, visit: Visiting) -> Answered:
        return (await endpoint.answer_list(*_asked(resource, request, visit))).response()

    async def show_detail(request: Asked, visit: Visiting) -> Answered:
        asked, key = _asked(resource, request, visit), visit.arguments["key"]
        return (await endpoint.answer_detail(*asked, key)).response()

    async def show_write_action(request: Asked, visit: Visiting) -> Answered:
        asked, action = _asked(resource, request, visit), visit.arguments["action"]
        return (await endpoint.answer_write_action(*asked, action)).response()

    start = resource.name
    actions = "|".join(resource.write_actions)
    return (
        *_both(start, show_list),
        *(_both(f"{start}/(?P<action>{actions})", show_write_action) if actions else ()),
        *_both(f"{start}/(?P<key>[^/.]+)", show_detail),
    )


def _asked(
    resource: Resource, request: Asked, visit: Visit
) -> tuple[Resource, Inquiry, Sources, str | None]:
    suffix = visit.arguments.get("suffix")
    return resource, Inquiry.of(request, visit), Sources.of(request), suffix


def _both(pattern: str, handler: Any) -> tuple[Route, Route]:
    return (
        re_path(pattern + SLASH, handler, methods=ANY, csrf_exempt=True),
        re_path(pattern + SUFFIX, handler, methods=ANY, csrf_exempt=True),
    )
