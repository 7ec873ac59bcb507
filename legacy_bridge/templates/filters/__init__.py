"""Django's built-in filters."""

from legacy_bridge.templates.filters import (
    dates,
    floats,
    html,
    links,
    lists,
    logic,
    numbers,
    scripts,
    texts,
    truncation,
)
from legacy_bridge.templates.filters.library import filters as builtin_filters

__all__ = [
    "builtin_filters",
    "dates",
    "floats",
    "html",
    "links",
    "lists",
    "logic",
    "numbers",
    "scripts",
    "texts",
    "truncation",
]
