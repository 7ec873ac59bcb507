"""Native pages that have no twin."""

from typing import Any

from litestar import Request, Response

from ported_domains.domain import Domain
from ported_domains.shared.urls import ANY, mount, path
from ported_domains.shared.visitors.state import Calling
from tests.ported_domains.probes import told


async def twice(request: Request[Any, Any, Any], visitor: Calling) -> Response[bytes]:
    """Reads the form, and then the body that it was in."""
    return told({"form": visitor.form.get("a"), "body": (await request.body()).decode()})


OWN = Domain(
    name="own",
    mapping=(),
    handlers=mount("own/", (path("twice/", twice, methods=ANY),)),
)
