"""Filters of lists."""

import random as dice
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from legacy_bridge.templates.filters.library import filters
from legacy_bridge.templates.safe import conditional_escape, mark_safe


@filters.filter("dictsort")
def dictsort(values: Any, key: Any) -> Any:
    return _sorted(values, key, is_reversed=False)


@filters.filter("dictsortreversed")
def dictsortreversed(values: Any, key: Any) -> Any:
    return _sorted(values, key, is_reversed=True)


def _sorted(values: Any, key: Any, is_reversed: bool) -> Any:
    try:
        return sorted(values, key=_getter(key), reverse=is_reversed)
    except (AttributeError, TypeError):
        return ""


def _getter(key: Any) -> Callable[[Any], Any]:
    """A number is an index; a name may have dots. Nothing is called, nothing private is read."""
    try:
        float(key)
    except ValueError:
        pass
    else:
        return itemgetter(key)
    if "._" in key or key[0] == "_":
        raise AttributeError("Access to private variables is forbidden.")
    return lambda value: _resolved(value, key.split("."))


def _resolved(value: Any, path: list[str]) -> Any:
    for name in path:
        try:
            value = value[name]
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            value = getattr(value, name)
    return value


@filters.filter("first")
def first(values: Any) -> Any:
    try:
        return values[0]
    except IndexError:
        return ""


@filters.filter("last", is_safe=True)
def last(values: Any) -> Any:
    try:
        return values[-1]
    except IndexError:
        return ""


@filters.filter("join", is_safe=True, needs_autoescape=True)
def join(values: Any, between: Any, autoescape: bool = True) -> Any:
    try:
        if autoescape:
            return mark_safe(conditional_escape(between).join(map(conditional_escape, values)))
        return mark_safe(between.join(values))
    except TypeError:
        return values


@filters.filter("length")
def length(values: Any) -> int:
    try:
        return len(values)
    except (ValueError, TypeError):
        return 0


@filters.filter("random", is_safe=True)
def random(values: Any) -> Any:
    try:
        return dice.choice(values)  # noqa: S311  # no secret
    except IndexError:
        return ""


@filters.filter("slice", is_safe=True)
def slice_(values: Any, given: Any) -> Any:
    try:
        bounds = [int(part) if part else None for part in str(given).split(":")]
        return values[slice(*bounds)]
    except (ValueError, TypeError, KeyError):
        return values
