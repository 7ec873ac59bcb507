"""`querystring`: the query of the present page with some parameters changed."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.tags.library import builtins


@builtins.simple_tag(takes_context=True)
def querystring(context: Any, query_dict: Any = None, **changes: Any) -> str:
    """`?a=1&b=2`; a parameter given as `None` is left out, a list is given several times.

    `query_dict` is a mapping or pairs; without it the query of `context.request` is taken: its
    `GET` (Django) or its `query_params` (Litestar, Starlette).
    """
    given = _request_query(context) if query_dict is None else query_dict
    query = _pairs(given)
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        elif isinstance(value, Iterable) and not isinstance(value, str):
            query[name] = list(value)
        else:
            query[name] = [value]
    pairs = [(name, value) for name, values in query.items() for value in values]
    if not query and not given:
        return ""
    return f"?{urlencode(pairs)}"


def _request_query(context: Any) -> Any:
    request = context.request
    for name in ("GET", "query_params"):
        if hasattr(request, name):
            return getattr(request, name)
    raise RenderingError("querystring needs a request in the context, or a mapping")


def _pairs(given: Any) -> dict[str, list[Any]]:
    """Each name with its values, in their order."""
    if hasattr(given, "lists"):
        return {name: list(values) for name, values in given.lists()}
    pairs = given.items() if isinstance(given, Mapping) else given
    if hasattr(given, "multi_items"):
        pairs = given.multi_items()
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
