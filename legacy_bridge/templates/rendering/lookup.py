"""Variables as Django looks them up: mapping, then attribute, then index; callables are called.

Each kind of place has its own function, by what a missing value is there: `empty` where it is
printed (`string_if_invalid`), `none` in conditions and loops, `strict` in a filter's argument.
"""

import inspect
from collections.abc import Callable
from typing import Any

from legacy_bridge.templates.faults import VariableDoesNotExistError

_LOOKUP_ERRORS = (TypeError, AttributeError, KeyError, ValueError, IndexError)
Look = Callable[..., Any]
"""Called with the names, the first of the path, and what follows it."""


class Lookup:
    """The functions for one environment: they know what an invalid value is printed as."""

    def __init__(self, string_if_invalid: str) -> None:
        self._invalid = string_if_invalid
        self.strict = _look(string_if_invalid, _fail)
        self.none = _look(string_if_invalid, lambda root, path: None)
        self.empty = _look(
            string_if_invalid, lambda root, path: self.invalid(".".join((root, *path)))
        )

    def empty_name(self, names: dict[str, Any], root: str) -> Any:
        """`empty` for a name without look-ups."""
        try:
            value = names[root]
        except KeyError:
            return self.invalid(root)
        return self.strict(names, root) if callable(value) else value

    def none_name(self, names: dict[str, Any], root: str) -> Any:
        """`none` for a name without look-ups."""
        value = names.get(root)
        return self.strict(names, root) if callable(value) else value

    def invalid(self, path: str) -> str:
        return self._invalid.replace("%s", path) if "%s" in self._invalid else self._invalid

    def filtered(self, value: Callable[[], Any], path: str, rest: Callable[[Any], Any]) -> Any:
        """`rest` of the value; a missing one is not filtered where invalid ones are shown."""
        try:
            found = value()
        except VariableDoesNotExistError:
            return self.invalid(path)
        return rest(found)


def _fail(root: str, path: tuple[str, ...]) -> Any:
    raise VariableDoesNotExistError(".".join((root, *path)))


def _look(  # noqa: C901  # one function: most of the time of a rendering is spent in it
    invalid: str, missing: Callable[[str, tuple[str, ...]], Any]
) -> Look:
    """Looks up with the given ends: `invalid` is printed, `missing` is asked."""
    has_no_subscript: dict[type, bool] = {}

    def look(names: dict[str, Any], root: str, *path: str) -> Any:  # noqa: C901  # as above
        if root not in names:
            return missing(root, path)
        value = names[root]
        try:
            if callable(value):
                value = _called(value, invalid)
            for bit in path:
                kind = type(value)
                if kind is dict:
                    value = value[bit] if bit in value else _attribute(value, bit)
                elif kind in has_no_subscript:
                    try:
                        value = getattr(value, bit)
                    except (TypeError, AttributeError):
                        value = _attribute(value, bit)
                else:
                    if not hasattr(kind, "__getitem__"):
                        has_no_subscript[kind] = True
                    value = _step(value, bit)
                if callable(value):
                    value = _called(value, invalid)
        except VariableDoesNotExistError:
            return missing(root, path)
        except Exception as error:
            # An object says so itself where its failure is a missing value: Django's DoesNotExist.
            if getattr(error, "silent_variable_failure", False):
                return invalid
            raise
        return value

    return look


def _step(value: Any, bit: str) -> Any:
    if type(value) in (list, tuple) and bit.isdecimal():
        try:
            return value[int(bit)]
        except IndexError:
            raise VariableDoesNotExistError(bit) from None
    # The brackets of a generic class are for types only.
    if not hasattr(type(value), "__getitem__"):
        return _attribute(value, bit)
    try:
        return value[bit]
    except _LOOKUP_ERRORS:
        return _attribute(value, bit)


def _attribute(value: Any, bit: str) -> Any:
    try:
        return getattr(value, bit)
    except (TypeError, AttributeError):
        # The error came from the attribute's own code, if there is such an attribute.
        if bit in dir(value):
            raise
    try:
        return value[int(bit)]
    except (IndexError, ValueError, KeyError, TypeError):
        raise VariableDoesNotExistError(bit) from None


def _called(value: Any, invalid: str) -> Any:
    if getattr(value, "do_not_call_in_templates", False):
        return value
    if getattr(value, "alters_data", False):
        return invalid
    try:
        return value()
    except TypeError:
        if _takes_no_arguments(value):
            raise
        return invalid


def _takes_no_arguments(value: Callable[..., Any]) -> bool:
    try:
        inspect.signature(value).bind()
    except (TypeError, ValueError):  # it needs some, or is written in C and does not say
        return False
    return True
