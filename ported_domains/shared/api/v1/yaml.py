"""Answers of API v1 as YAML (api.md B.6)."""

from typing import Any

import yaml

from ported_domains.shared.api.v1.resource import Entity


class _Dumper(yaml.SafeDumper):
    """Shows an object of a resource as any mapping."""


_Dumper.add_representer(Entity, yaml.SafeDumper.represent_dict)


def to_yaml(data: Any) -> bytes:
    text: str = yaml.dump(data, Dumper=_Dumper)
    return text.encode()
