"""Tags and filters that show the time, or chance: a page with them holds no longer than what they
say. So does one with a part of `{% cache %}`, of which nobody knows what rows it was made from."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from types import MappingProxyType
from typing import Any

from legacy_bridge.templates.environment import TemplateEnvironment
from ported_domains.shared.lasting import holds_for

QUARTER = 900
"""Seconds. Wherever a day begins, a quarter of an hour does."""
MINUTE = 60
_CHANGE_IN_A_DAY = frozenset("aAfgGhHiP")
_CHANGE_IN_A_MINUTE = frozenset("cersuU")

Steps = Callable[[tuple[Any, ...]], int]
"""Of the call's arguments: what it says changes at a multiple of how many seconds."""


def step_of(pattern: str) -> int:
    """Of a date's format; a name such as "DATE_FORMAT" is taken for letters of one."""
    letters = set(pattern)
    if letters & _CHANGE_IN_A_MINUTE:
        return 1
    return MINUTE if letters & _CHANGE_IN_A_DAY else QUARTER


_FUNCTIONS: Mapping[str, Steps] = MappingProxyType(
    {"now": lambda given: step_of(str(given[-1])), "lorem": lambda given: MINUTE}
)
_FILTERS: Mapping[str, Steps] = MappingProxyType(
    {
        "timesince": lambda given: MINUTE,
        "timeuntil": lambda given: MINUTE,
        "naturalday": lambda given: QUARTER,
        "naturaltime": lambda given: 1,
        "random": lambda given: MINUTE,
        "shuffle": lambda given: MINUTE,
    }
)


def mind_the_clock(environment: TemplateEnvironment) -> None:
    """Comes before any template is loaded."""
    functions: dict[str, Any] = environment.site_functions
    filters: dict[str, Any] = environment.site_filters
    for declared, steps in ((functions, _FUNCTIONS), (filters, _FILTERS)):
        for name, one in declared.items():
            if step := steps.get(name.rpartition(".")[2]):
                declared[name] = replace(one, call=_telling(one.call, step))
    for name, function in functions.items():
        if name.rpartition(".")[2] == "cache":
            functions[name] = replace(function, call=_as_long_as_its_part(function.call))


def _as_long_as_its_part(call: Callable[..., Any]) -> Callable[..., Any]:
    """One that is kept for ever, or not for a number of seconds, ends with the page."""

    @wraps(call)
    def called(context: Any, body: Any, seconds: Any, *given: Any, **named: Any) -> Any:
        try:
            holds_for(float(seconds))
        except (TypeError, ValueError):
            holds_for(0)
        return call(context, body, seconds, *given, **named)

    return called


def _telling(call: Callable[..., Any], step: Steps) -> Callable[..., Any]:
    @wraps(call)
    def called(*given: Any, **named: Any) -> Any:
        seconds = step(given)
        holds_for(seconds - time.time() % seconds)
        return call(*given, **named)

    return called
