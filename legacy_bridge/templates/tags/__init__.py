"""The tags that Django has without `load`: how each is converted, and what it does."""

from legacy_bridge.templates.tags import (
    flow,
    functions,
    lorem,
    partials,
    queries,
    structure,
    values,
)
from legacy_bridge.templates.tags.library import builtins as builtin_tags

__all__ = [
    "builtin_tags",
    "flow",
    "functions",
    "lorem",
    "partials",
    "queries",
    "structure",
    "values",
]
