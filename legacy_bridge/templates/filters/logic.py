"""Filters that choose."""

from typing import Any

from legacy_bridge.templates.filters.library import filters


@filters.filter("default")
def default(value: Any, otherwise: Any) -> Any:
    return value or otherwise


@filters.filter("default_if_none")
def default_if_none(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


@filters.filter("divisibleby")
def divisibleby(value: Any, by: Any) -> bool:
    return int(value) % int(by) == 0


@filters.filter("yesno", takes_context=True)
def yesno(context: Any, value: Any, words: Any = None) -> Any:
    """The word for true, false or `None`; with fewer than two words the value itself."""
    if words is None:
        words = context.environment.locale.translate("yes,no,maybe", context.language)
    choices = words.split(",")
    if len(choices) < 2:
        return value
    if len(choices) == 3:
        yes, no, maybe = choices
    else:
        yes, no, maybe = choices[0], choices[1], choices[1]
    if value is None:
        return maybe
    return yes if value else no


@filters.filter("pluralize")
def pluralize(value: Any, endings: Any = "s") -> str:
    given = endings if "," in endings else "," + endings
    choices: list[str] = given.split(",")
    if len(choices) > 2:
        return ""
    one, many = choices[:2]
    try:
        return one if float(value) == 1 else many
    except ValueError:
        return ""
    except TypeError:
        try:
            return one if len(value) == 1 else many
        except TypeError:
            return ""
