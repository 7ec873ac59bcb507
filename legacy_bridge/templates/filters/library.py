"""The library of filters that every template has, and the decorator for those of texts."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

from legacy_bridge.templates.library import Library
from legacy_bridge.templates.safe import SafeString, is_safe, plain

filters = Library("filters")
F = TypeVar("F", bound=Callable[..., Any])


def stringfilter(function: Callable[..., Any], keeps_safe: bool = False) -> Callable[..., Any]:
    """`function` with its value as text first: safe text if the value was safe."""

    @wraps(function)
    def filtered(value: Any, *args: Any, **kwargs: Any) -> Any:
        if type(value) is str:
            return function(value, *args, **kwargs)
        text = str(value)
        if not is_safe(value) and not is_safe(text):
            return function(plain(text), *args, **kwargs)
        result = function(SafeString(plain(text)), *args, **kwargs)
        return SafeString(result) if keeps_safe else result

    filtered.__signature__ = signature(function)  # type: ignore[attr-defined]
    return filtered


def text_filter(name: str, *, is_safe: bool = False, **flags: bool) -> Callable[[F], F]:
    """Declare a filter of the built-in library whose value is made a text."""

    def declare(function: F) -> F:
        filters.filter(name, **flags)(stringfilter(function, keeps_safe=is_safe))
        return function

    return declare
