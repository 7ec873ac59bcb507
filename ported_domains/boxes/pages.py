"""The one URL of boxes: the panels of the navigation are fetched from it by a script."""

from litestar import Response
from litestar.exceptions import NotFoundException

from ported_domains.boxes.content import BY_LABEL
from ported_domains.shared.database import Database
from ported_domains.shared.urls import ANY, FromUrl, mount, path


async def box(db: Database, label: FromUrl) -> Response[bytes]:
    """Nothing but the rendered content, alike for every visitor and method."""
    html: str | None = (await db.execute(BY_LABEL, {"label": label})).scalar_one_or_none()
    if html is None:
        raise NotFoundException
    return Response(html.encode(), media_type="text/html")


PAGES = mount("box/", (path("<slug:label>/", box, name="box", methods=ANY, kept=True),))
