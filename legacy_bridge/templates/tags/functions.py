"""What the built-in tags do while rendering."""

import re
import sys
from itertools import groupby
from pprint import pformat
from typing import Any, NamedTuple

from legacy_bridge.templates.declarations import Missing
from legacy_bridge.templates.faults import RenderingError, VariableDoesNotExistError
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.dateformat import format_moment
from legacy_bridge.templates.safe import EMPTY, SafeString, conditional_escape, escape
from legacy_bridge.templates.site import NoReverseMatchError
from legacy_bridge.templates.tags.library import builtins

_UNSEEN = object()


class Group(NamedTuple):
    """One group of `regroup`."""

    grouper: Any
    list: list[Any]


@builtins.function("regroup", takes_context=True, missing=Missing.NONE, lazy_from=1)
def regroup(context: Context, values: Any, key: Any, named: Any) -> list[Group]:
    """Neighbours with the same key. The key is an expression over a name, which is each value."""
    if values is None:
        return []
    name = named()

    def key_of(value: Any) -> Any:
        context[name] = value
        return key()

    return [Group(found, list(group)) for found, group in groupby(values, key_of)]


@builtins.function(
    "ifchanged",
    takes_context=True,
    takes_body=True,
    keeps_state=True,
    is_final=True,
    missing=Missing.NONE,
)
def ifchanged(context: Context, body: Body, key: object, *values: Any) -> str:
    """The body, if `values` (or the body itself) are others than the last time in this loop."""
    loop = context.get("forloop")
    state: dict[Any, Any] = loop if isinstance(loop, dict) else context.state
    text = None if values else body(context)
    compared = list(values) if values else text
    if state.get(key, _UNSEEN) != compared and not (key not in state and compared is None):
        state[key] = compared
        return text or body(context)
    return body.otherwise(context) if body.otherwise is not None else EMPTY


@builtins.function("spaceless", takes_context=True, takes_body=True, is_final=True)
def spaceless(context: Context, body: Body) -> str:
    return SafeString(re.sub(r">\s+<", "><", body(context).strip()))


@builtins.function("firstof", takes_context=True, is_final=True, missing=Missing.NONE, lazy_from=0)
def firstof(context: Context, *values: Any) -> str:
    for value in values:
        found = value()
        if found:
            shown = context.esc(found)
            return SafeString(shown) if context.autoescape else shown
    return ""


@builtins.function("now", takes_context=True, is_final=True)
def now(context: Context, pattern: str) -> str:
    locale = context.environment.locale
    chosen = locale.format(pattern, context.language, context.use_l10n)
    moment = locale.now(context)
    return format_moment(moment, chosen, locale.zone, locale.words(context.language))


@builtins.function("widthratio", is_final=True, lazy_from=0)
def widthratio(value: Any, most: Any, width: Any) -> str:
    """`value` of `most` as a part of `width`; nothing where a filter lacks its argument."""
    try:
        return _ratio(value(), most(), width())
    except VariableDoesNotExistError:
        return ""


def _ratio(value: Any, most: Any, width: Any) -> str:
    try:
        whole = int(width)
    except (ValueError, TypeError):
        raise RenderingError("widthratio final argument must be a number") from None
    try:
        return str(round(float(value) / float(most) * whole))
    except ZeroDivisionError:
        return "0"
    except (ValueError, TypeError, OverflowError):
        return ""


@builtins.function("debug", takes_context=True, is_final=True)
def debug(context: Context) -> str:
    """All names, where the environment is in debug mode; nothing otherwise."""
    if not context.environment.debug:
        return EMPTY
    return escape(f"{pformat(context.flatten())}\n\n{pformat(sys.modules)}")


@builtins.function("csrf_token", takes_context=True, is_final=True)
def csrf_token(context: Context) -> str:
    token = context.get("csrf_token")
    if not token or token == "NOTPROVIDED":  # noqa: S105  # Django's word for none
        return EMPTY
    return SafeString(
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{conditional_escape(token)}">'
    )


@builtins.function("url", takes_context=True)
def url(context: Context, name: Any, *args: Any, **kwargs: Any) -> str:
    """The path of a named pattern; raises `NoReverseMatchError`."""
    return context.environment.site.urls.reverse(str(name), args, kwargs, context)


@builtins.function("url_if_any", takes_context=True)
def url_if_any(context: Context, name: Any, *args: Any, **kwargs: Any) -> str:
    """`url … as name`: an empty text where there is no such path."""
    try:
        return url(context, name, *args, **kwargs)
    except NoReverseMatchError:
        return ""


@builtins.function("keep", takes_context=True, is_final=True)
def keep(context: Context, name: str, value: Any) -> str:
    """Gives a value a name that Jinja2 could not write."""
    context["".join(name)] = value
    return EMPTY


@builtins.function("with_values", takes_context=True, takes_body=True, is_final=True)
def with_values(context: Context, body: Body, **values: Any) -> str:
    """`with` for names that Jinja2 could not write."""
    with context.push(**values):
        return body(context)
