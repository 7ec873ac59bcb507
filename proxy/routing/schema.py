"""JSON Schema of routing.yaml, from the model that the parser uses: editors complete from it."""

from collections.abc import Collection
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from proxy.ownership.phases import Phase
from proxy.routing import patterns
from proxy.routing.config import RoutingConfig
from proxy.routing.values import DOMAIN_NAME

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(known_domains: Collection[str]) -> dict[str, Any]:
    """The schema. What needs a look at two places of the file at once is left to the parser."""
    schema = RoutingConfig.model_json_schema(schema_generator=_Untitled)
    models = schema["$defs"]
    routes = models["DomainConfig"]["properties"]["routes"]
    routes["items"] = {"anyOf": [{"type": "string", "pattern": patterns.GRAMMAR}, routes["items"]]}
    models["DomainConfig"]["if"] = {
        "properties": {"phase": {"const": Phase.CANARY}},
        "required": ["phase"],
    }
    models["DomainConfig"]["then"] = {"required": ["weight"]}
    domains = schema["properties"]["domains"]
    domain = domains.pop("additionalProperties")
    domains["properties"] = dict.fromkeys(sorted(known_domains), domain)
    unported = {"properties": {"phase": {"const": Phase.LEGACY}}}
    domains["additionalProperties"] = {"allOf": [domain, unported]}
    domains["propertyNames"] = {"pattern": DOMAIN_NAME}
    return {"$schema": DIALECT, **schema}


class _Untitled(GenerateJsonSchema):
    """Without the titles that repeat each key, and the null of keys that are left out."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        made = super().default_schema(schema)
        if made.get("default", ...) is None:
            del made["default"]
        return made
