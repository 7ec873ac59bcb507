"""Which code a URL pattern leads to: the dotted name of its view, and the app that it is of."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial
from typing import Any, Iterator

from django.apps import apps

from legacy_bridge.exporter.values import dotted

_CLASS_ATTRIBUTES = ("view_class", "cls")
"""Where Django's `as_view()` and that of Django REST framework leave the class."""

_DEEPEST = 20
"""Decorators around one view; more are a circle."""


def view_name(callback: Any) -> str:
    """The dotted name of the function or class that answers, behind its decorators."""
    return dotted(_origin(callback))


def app_label(callback: Any) -> str | None:
    """The label of the installed app whose code the view is; None where it is of no app.

    Django's generic views and views of the project's own package are of no app.
    """
    config = apps.get_containing_app_config(module_of(_origin(callback)))
    return config.label if config else None


def module_of(thing: Any) -> str:
    """The module of a function, class or object."""
    return str(getattr(thing, "__module__", None) or type(thing).__module__)


def _origin(callback: Any) -> Any:
    """What the project wrote: behind `partial`, decorators and `as_view()`.

    A decorator without `functools.wraps`, or a class that hands out a function made on the spot
    (tastypie's resources), is looked through by what that function holds on to.
    """
    for _ in range(_DEEPEST):
        inner = _inner(callback)
        if inner is None:
            break
        callback = inner
    return callback


def _inner(callback: Any) -> Any:
    if isinstance(callback, partial):
        return callback.func
    for name in _CLASS_ATTRIBUTES:
        found = getattr(callback, name, None)
        if inspect.isclass(found):
            return found
    wrapped = getattr(callback, "__wrapped__", None)
    if wrapped is not None:
        return wrapped
    if inspect.isfunction(callback) and "<locals>" in callback.__qualname__:
        return _held(callback)
    return None


def _held(function: Any) -> Any:
    """The class of the `self` that a local function closes over, else its only callable."""
    held = dict(_closed_over(function))
    if "self" in held:
        return type(held["self"])
    callables = [value for value in held.values() if callable(value)]
    return callables[0] if len(callables) == 1 else None


def _closed_over(function: Any) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        with suppress(ValueError):  # not filled yet
            yield name, cell.cell_contents
