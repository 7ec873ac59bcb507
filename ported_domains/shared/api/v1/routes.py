"""The URLs of a resource of API v1, in the order in which Django tries them (api.md B.1)."""

from typing import Any

from litestar import Request, Response

from ported_domains.shared.api.inquiry import Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v1 import endpoint
from ported_domains.shared.api.v1.resource import Resource
from ported_domains.shared.urls import ANY, Route, re_path
from ported_domains.shared.visit import Visit, Visiting

Asked = Request[Any, Any, Any]
Answered = Response[bytes]


def routes(resource: Resource) -> tuple[Route, ...]:
    """To be mounted below `api/v1/`. A key is whatever stands before the last slash."""

    async def show_list(request: Asked, visit: Visiting) -> Answered:
        return (await endpoint.answer_list(*_asked(resource, request, visit))).response()

    async def show_schema(request: Asked, visit: Visiting) -> Answered:
        return (await endpoint.answer_schema(*_asked(resource, request, visit))).response()

    async def show_set(request: Asked, visit: Visiting) -> Answered:
        asked, keys = _asked(resource, request, visit), visit.arguments["keys"]
        return (await endpoint.answer_set(*asked, keys)).response()

    async def show_detail(request: Asked, visit: Visiting) -> Answered:
        asked, key = _asked(resource, request, visit), visit.arguments["key"]
        return (await endpoint.answer_detail(*asked, key)).response()

    return (
        _route(f"{resource.name}/$", show_list),
        _route(f"{resource.name}/schema/$", show_schema),
        _route(f"{resource.name}/set/(?P<keys>.*?)/$", show_set),
        _route(f"{resource.name}/(?P<key>.*?)/$", show_detail),
    )


def _asked(resource: Resource, request: Asked, visit: Visit) -> tuple[Resource, Inquiry, Sources]:
    return resource, Inquiry.of(request, visit), Sources.of(request)


def _route(pattern: str, handler: Any) -> Route:
    return re_path(pattern, handler, methods=ANY, csrf_exempt=True)
