"""What both APIs have, told where they begin: `/api/v1/` and `/api/v2/` (api.md B.1, C.1).

The resources are other domains', so the two indexes belong to the root of the site.
"""

from typing import Any, Final

from litestar import Request, Response

from ported_domains.downloads.api_v1 import OS, RELEASE, RELEASE_FILE
from ported_domains.pages.api_v1 import PAGE
from ported_domains.shared.api.inquiry import Inquiry
from ported_domains.shared.api.sources import Sources
from ported_domains.shared.api.v1 import index as v1
from ported_domains.shared.api.v2 import index as v2
from ported_domains.shared.api.v2.routes import SUFFIX
from ported_domains.shared.urls import ANY, mount, path, re_path
from ported_domains.shared.visit import Visiting

Asked = Request[Any, Any, Any]

RESOURCES: Final = (PAGE, OS, RELEASE, RELEASE_FILE)
"""The same in both APIs, in the order of v2; v1 sorts by name. The lists of sponsors, which v2 has
too, are not told."""
NAMES: Final = tuple(one.name for one in RESOURCES)


async def api_v1(request: Asked, visit: Visiting) -> Response[bytes]:
    return (await v1.answer_index(RESOURCES, Inquiry.of(request, visit))).response()


async def api_v2(request: Asked, visit: Visiting) -> Response[bytes]:
    asked, suffix = Inquiry.of(request, visit), visit.arguments.get("suffix")
    return (await v2.answer_index(NAMES, asked, Sources.of(request), suffix)).response()


HANDLERS = (
    # Alone of both APIs it wants a CSRF token of unsafe methods, and then answers them as GET.
    *mount("api/v1/", (path("", api_v1, name="api_v1_top_level", methods=ANY),)),
    *mount(
        "api/v2/",
        (
            path("", api_v2, name="api-root", methods=ANY, csrf_exempt=True),
            re_path(SUFFIX, api_v2, methods=ANY, csrf_exempt=True),
        ),
    ),
)
