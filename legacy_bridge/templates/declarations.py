"""What a tag library has: tags, filters, and the functions that converted templates call."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Syntax = Callable[[Any, Any], str]
"""How a tag is converted: of the converter and the tag, Jinja2 source."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter. `least` and `most` count its arguments, the value included."""

    call: Callable[..., Any]
    is_safe: bool = False
    needs_autoescape: bool = False
    expects_localtime: bool = False
    takes_context: bool = False
    least: int = 1
    most: int = 1


class Missing(Enum):
    """What an argument that does not exist is to a function."""

    EMPTY = "string_if_invalid"
    NONE = "None"


@dataclass(frozen=True, slots=True)
class Function:
    """What a tag runs.

    `call` gets the context first where `takes_context`, then the body where `takes_body`, then,
    where `keeps_state`, a key that belongs to this place of this template. Its result is printed as
    it is where `is_final`, else escaped unless safe. Arguments from `lazy_from` on are given
    as callables.
    """

    call: Callable[..., Any]
    takes_context: bool = False
    takes_body: bool = False
    keeps_state: bool = False
    is_final: bool = False
    missing: Missing = Missing.EMPTY
    lazy_from: int = 1000


@dataclass(slots=True)
class Declared:
    """What `{% load name %}` brings."""

    name: str
    filters: dict[str, Filter] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    tags: dict[str, Syntax] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signature:
    """What may stand after a tag's name; `given` are the parameters that the engine fills."""

    given: tuple[str, ...]
    positional: tuple[str, ...]
    optional: int
    keyword_only: tuple[str, ...]
    required_keywords: tuple[str, ...]
    takes_any_positional: bool
    takes_any_keyword: bool


def signature_of(function: Callable[..., Any], given: int) -> Signature:
    """The arguments of `function` after the first `given`, which the engine gives."""
    spec = inspect.getfullargspec(inspect.unwrap(function))
    defaults = spec.kwonlydefaults or {}
    return Signature(
        given=tuple(spec.args[:given]),
        positional=tuple(spec.args[given:]),
        optional=len(spec.defaults or ()),
        keyword_only=tuple(spec.kwonlyargs),
        required_keywords=tuple(name for name in spec.kwonlyargs if name not in defaults),
        takes_any_positional=spec.varargs is not None,
        takes_any_keyword=spec.varkw is not None,
    )


def filter_of(function: Callable[..., Any], **flags: bool) -> Filter:
    spec = inspect.getfullargspec(inspect.unwrap(function))
    given = len(spec.args) - int(flags.get("takes_context", False))
    return Filter(function, **flags, least=given - len(spec.defaults or ()), most=given)
