"""`/funding.json`: the static file of that name, as the site's own answer."""

import json
from http import HTTPStatus
from pathlib import Path

from litestar import Response

NAME = "funding.json"


def funding(directory: Path) -> Response[bytes]:
    """The file of `directory` as JSON; 404 where there is none, 500 where it is not JSON."""
    try:
        found = json.loads((directory / NAME).read_text("utf-8"))
    except FileNotFoundError:
        return _json({"error": f"{NAME} not found"}, HTTPStatus.NOT_FOUND)
    except ValueError:
        return _json({"error": f"{NAME} is no JSON"}, HTTPStatus.INTERNAL_SERVER_ERROR)
    return _json(found)


def _json(value: object, status: HTTPStatus = HTTPStatus.OK) -> Response[bytes]:
    # As Django's JsonResponse writes it: ASCII, with a space after comma and colon.
    return Response(json.dumps(value).encode(), status_code=status, media_type="application/json")
