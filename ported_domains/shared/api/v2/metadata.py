"""What OPTIONS tells of an endpoint (api.md C.1)."""

from typing import Any

from ported_domains.shared.api.v2.negotiation import JSON
from ported_domains.shared.api.v2.resource import Field, Resource

PARSES = (JSON, "application/x-www-form-urlencoded", "multipart/form-data")


def metadata(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "description": description, "renders": [JSON], "parses": PARSES}


def writable_fields(resource: Resource) -> dict[str, Any]:
    """What those who may write are told to send."""
    return {one.name: _described(one) for one in resource.fields}


def _described(one: Field) -> dict[str, Any]:
    described: dict[str, Any] = {
        "type": one.kind,
        "required": one.required,
        "read_only": one.read_only,
        "label": one.label,
    }
    if one.help_text:
        described["help_text"] = one.help_text
    described |= one.limits
    if one.choices:
        described["choices"] = [
            {"value": value, "display_name": name} for value, name in one.choices.items()
        ]
    return described
