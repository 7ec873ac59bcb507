"""`/api/v1/`: where each resource of API v1 has its list and its schema (api.md B.1).

The same for everybody: neither credentials nor throttle count here.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

from ported_domains.shared.api.inquiry import ApiAnswer, Inquiry
from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v1 import formats
from ported_domains.shared.api.v1.faults import BadRequestError
from ported_domains.shared.api.v1.formats import Format
from ported_domains.shared.api.v1.resource import Resource
from ported_domains.shared.api.v1.schema import schema

_WORDS_FOR_NO = frozenset({"", "false", "False", "nil", "none", "None"})


async def answer_index(resources: Sequence[Resource], inquiry: Inquiry) -> ApiAnswer:
    """With `?fullschema=true` each schema as a whole instead of its URI."""
    try:
        wanted = formats.negotiate(inquiry.parameters, inquiry.accept)
    except BadRequestError:
        return ApiAnswer(HTTPStatus.BAD_REQUEST)
    # The name of a resource cannot be that of an element: the legacy side fails where XML is
    # wanted, as by every browser.
    wanted = Format.JSON if wanted is Format.XML else wanted
    whole = _wants_schemas(inquiry.parameters)
    told = {
        one.name: {
            "list_endpoint": one.uri,
            "schema": schema(one) if whole else f"{one.uri}schema/",
        }
        for one in resources
    }
    # YAML takes a while: beside the event loop, so that others are answered
    body = await asyncio.to_thread(formats.render, told, wanted)
    return ApiAnswer(HTTPStatus.OK, body, wanted.content_type)


def _wants_schemas(parameters: Parameters) -> bool:
    return (parameters.get("fullschema") or "") not in _WORDS_FOR_NO
