"""What `schema/` tells of a resource (api.md B.9)."""

from datetime import datetime
from typing import Any

from ported_domains.shared.api.v1.paging import DEFAULT_LIMIT
from ported_domains.shared.api.v1.resource import ROOT, Field, Resource, shown_datetime

_HELP = {
    "string": 'Unicode string data. Ex: "Hello World"',
    "integer": "Integer data. Ex: 2673",
    "boolean": "Boolean data. Ex: True",
    "datetime": 'A date & time as a string. Ex: "2010-11-10T03:07:43"',
    "related": "A single related resource. Can be either a URI or set of nested resource data.",
}


def schema(resource: Resource) -> dict[str, Any]:
    return {
        "allowed_detail_http_methods": list(resource.detail_methods),
        "allowed_list_http_methods": list(resource.list_methods),
        "default_format": "application/json",
        "default_limit": DEFAULT_LIMIT,
        "fields": {one.name: _described(one) for one in resource.fields},
        "filtering": {
            one.name: one.filtering if isinstance(one.filtering, int) else list(one.filtering)
            for one in resource.fields
            if one.filtering is not None
        },
    }


def _described(one: Field) -> dict[str, Any]:
    described = {
        "blank": one.blank,
        "default": _default(one),
        "help_text": one.help_text or _HELP[one.kind],
        "nullable": one.nullable,
        "primary_key": False,
        "readonly": one.readonly,
        "type": one.kind,
        "unique": one.unique,
        "verbose_name": one.verbose_name or one.name.replace("_", " "),
    }
    if one.related is not None:
        described["related_schema"] = f"{ROOT}{one.related}/schema/"
        described["related_type"] = "to_one"
    return described


def _default(one: Field) -> object:
    value = one.default() if callable(one.default) else one.default
    return shown_datetime(value) if isinstance(value, datetime) else value
