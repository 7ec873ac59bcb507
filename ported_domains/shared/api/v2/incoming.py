"""Bodies of API v2: JSON or a form (api.md C.1)."""

import codecs
import json
from dataclasses import dataclass
from typing import Any, Final

from ported_domains.shared.api.inquiry import Inquiry
from ported_domains.shared.api.v2 import faults
from ported_domains.shared.api.v2.negotiation import JSON
from ported_domains.shared.forms.bodies import FormError, TooLargeError, header_parameters
from ported_domains.shared.forms.values import Values

MULTIPART: Final = "multipart/form-data"
FORMS: Final = ("application/x-www-form-urlencoded", MULTIPART)


@dataclass(frozen=True, slots=True)
class Sent:
    """`data` is `Values` if it came in a form, else what JSON makes of it."""

    data: Any

    @property
    def is_form(self) -> bool:
        return isinstance(self.data, Values)


async def read_sent(inquiry: Inquiry) -> Sent:
    """No body is an object without fields. Raises `FaultError`, and `TooLargeError` as Django."""
    body = await inquiry.body()
    content_type = inquiry.content_type or ""
    kind, parameters = _parts(content_type)
    if not body:
        return Sent(Values() if kind in FORMS else {})
    if kind in FORMS:
        return Sent(_form(body, content_type, kind))
    if kind != JSON:
        raise faults.unsupported_media_type(content_type)
    return Sent(_json(body, parameters.get("charset", "")))


def _parts(content_type: str) -> tuple[str, dict[str, str]]:
    try:
        kind, parameters = header_parameters(content_type)
    except ValueError:
        return content_type.partition(";")[0].strip().lower(), {}
    return kind, dict(parameters)


def _form(body: bytes, content_type: str, kind: str) -> Values:
    try:
        return Values.parse_body(body, content_type)
    except TooLargeError:
        raise
    except FormError as error:
        name = "Multipart form" if kind == MULTIPART else "Form"
        raise faults.unreadable(f"{name} parse error - {error}") from None


def _json(body: bytes, charset: str) -> Any:
    try:
        return json.loads(body.decode(_known(charset)), parse_constant=_refuse_constant)
    except ValueError as error:
        raise faults.unreadable(f"JSON parse error - {error}") from None


def _known(charset: str) -> str:
    try:
        return codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Out of range float values are not JSON compliant: {name!r}")
