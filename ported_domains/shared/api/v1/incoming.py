"""Bodies of API v1: by content type, as the legacy side reads them (api.md B.6, B.11)."""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import yaml

from ported_domains.shared.api.v1.faults import BadRequestError, UnansweredError
from ported_domains.shared.api.v1.formats import Format
from ported_domains.shared.api.v1.xml_input import from_xml
from ported_domains.shared.forms.bodies import MAX_SIZE, FormError
from ported_domains.shared.forms.values import Values

_MULTIPART = "multipart/form-data"
_FORMS = ("application/x-www-form-urlencoded", _MULTIPART)


def read_form(body: bytes, content_type: str) -> Values:
    """Empty for what is no form. Raises `UnansweredError` (500) for one that cannot be read."""
    if _kind(content_type).strip().lower() not in _FORMS:
        return Values()
    try:
        return Values.parse_body(body, content_type)
    except FormError:
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None


def read_data(body: bytes, content_type: str | None) -> Any:
    """Raises `BadRequestError`, and `UnansweredError` with 413, 415 or 500.

    The content type has to be written as it is in `Format`; without one the body is JSON.
    """
    if len(body) > MAX_SIZE:
        raise UnansweredError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    kind = Format.JSON.value if content_type is None else _kind(content_type)
    if kind.strip().lower() == _MULTIPART:  # its octets are gone once it is read as a form
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR)
    reader = _READERS.get(kind)
    if reader is None:
        raise UnansweredError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        return reader(body.decode())
    except (UnicodeDecodeError, RecursionError):
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0]


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise BadRequestError("Request is not valid JSON.") from None


class _Loader(yaml.SafeLoader):
    """Without references: a few of them in each other make a text longer than any memory."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references are not read")
        return super().compose_node(parent, index)


def _from_yaml(text: str) -> Any:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  # it is a SafeLoader
    except yaml.YAMLError:
        raise UnansweredError(HTTPStatus.INTERNAL_SERVER_ERROR) from None


_READERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        Format.JSON.value: _from_json,
        Format.XML.value: from_xml,
        Format.YAML.value: _from_yaml,
    }
)
