"""A variable with filters, `a.b|f:"x"`, to Jinja2's `a.b|f("x")`."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.declarations import Filter
from legacy_bridge.templates.faults import TagFault

_STRING = r"""(?:"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')"""
_TRANSLATED = rf"_\({_STRING}\)"
_VARIABLE = r"[\w.]+|[-+.]?\d[\d.e]*"
_CONSTANT = rf"{_TRANSLATED}|{_STRING}"
_FIRST = re.compile(rf"(?P<constant>{_CONSTANT})|(?P<variable>{_VARIABLE})", re.DOTALL)
_FILTER = re.compile(
    rf"\s*\|\s*(?P<name>\w+)(?::(?:(?P<constant>{_CONSTANT})|(?P<variable>{_VARIABLE})))?",
    re.DOTALL,
)

FindFilter = Callable[[str], tuple[str, Filter]]
"""The name in the Jinja2 environment and the filter of a Django name; raises `TagFault`."""


@dataclass(frozen=True, slots=True)
class Expression:
    """`text` is Jinja2 source. `constant` is the text of a plain string literal."""

    text: str
    constant: str | None = None
    is_variable: bool = False


def expression(source: str, find: FindFilter) -> Expression:
    """Convert `source`; raises `TagFault` where it is not an expression."""
    converted, end = _start(source)
    parts = [converted.text]
    while end < len(source):
        part = _FILTER.match(source, end)
        if part is None:
            raise TagFault(
                f"Could not parse the remainder: {source[end:]!r} from {source!r}",
                "write filters as value|name:argument, without spaces around the colon",
            )
        parts.append(_filter(part, find))
        end = part.end()
    if len(parts) == 1:
        return converted
    return Expression("|".join(parts))


def first_part(source: str) -> Expression:
    """What the filters are applied to."""
    return _start(source)[0]


def _start(source: str) -> tuple[Expression, int]:
    start = _FIRST.match(source)
    if start is None:
        raise TagFault(
            f"Could not parse the remainder: {source!r} from {source!r}",
            "a variable, a number or a quoted text must stand here",
        )
    converted = _constant(start["constant"]) if start["constant"] else variable(start["variable"])
    return converted, start.end()


def _filter(part: re.Match[str], find: FindFilter) -> str:
    name, declared = find(part["name"])
    if part["constant"]:
        argument = _constant(part["constant"]).text
    elif part["variable"]:
        argument = variable(part["variable"]).text
    else:
        argument = ""
    given = 2 if argument else 1
    if not declared.least <= given <= declared.most:
        wanted = declared.least - 1
        raise TagFault(
            f"{part['name']} requires {declared.least} arguments, {given} provided",
            f'write |{part["name"]}:"…"' if wanted else f"write |{part['name']} alone",
        )
    return f"{name}({argument})" if argument else name


def _constant(source: str) -> Expression:
    if source.startswith("_("):
        return Expression(f"_({quoting.string(unquote(source[2:-1]))})")
    text = unquote(source)
    return Expression(quoting.string(text), constant=text)


def unquote(literal: str) -> str:
    """The text of a quoted literal: only the quote and the backslash are escaped in it."""
    quote = literal[0]
    return literal[1:-1].replace(f"\\{quote}", quote).replace("\\\\", "\\")


def variable(source: str) -> Expression:
    """A number, or a name with lookups: `items.0.name`."""
    number = _number(source)
    if number is not None:
        return Expression(number)
    if "._" in source or source.startswith("_"):
        raise TagFault(
            f"Variables and attributes may not begin with underscores: {source!r}",
            "give the value a name without the underscore in the context",
        )
    return Expression(path(source), is_variable=True)


def _number(source: str) -> str | None:
    try:
        if "." in source or "e" in source.lower():
            value = float(source)
            if source.endswith(".") or not math.isfinite(value):
                return None
            return repr(value)
        return repr(int(source))
    except ValueError:
        return None


def path(source: str) -> str:
    """`a.0.b` as Jinja2 reads it; names that it cannot read are written as `var("…")`."""
    root, *lookups = source.split(".")
    if root == "block" and lookups[:1] == ["super"]:
        return "super()" + "".join(map(_lookup, lookups[1:]))
    if root in ("True", "False", "None") or (
        quoting.is_name(root) and root not in quoting.RESERVED
    ):
        text = root
    else:
        text = f"var({quoting.string(root)})"
    return text + "".join(map(_lookup, lookups))


def _lookup(name: str) -> str:
    if quoting.is_name(name) or re.fullmatch(r"0|[1-9][0-9]*", name):
        return f".{name}"
    return f"[{quoting.string(name)}]"
