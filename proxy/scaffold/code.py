"""Python expressions as trees, and how they are laid out: as `ruff format` would.

A tree keeps what is imported apart from what is written, so that one expression serves the models,
which import names, and the migration, which has them all in `sa`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
INDENT = 4


@dataclass(frozen=True, slots=True)
class Name:
    """Something that has to be imported."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function or class, and what it is called with."""

    function: "Code"
    arguments: "tuple[Code, ...]" = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A tuple; with other `brackets` a list or a mapping."""

    items: "tuple[Code, ...]"
    brackets: str = "()"


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts without anything in between, such as a keyword and its value."""

    parts: "tuple[Code, ...]"


Code: TypeAlias = str | Name | Call | Items | Joined
"""A plain text is code as it stands."""

Naming: TypeAlias = Callable[[Name], str]
"""How an imported thing is called in the file."""


def call(function: Code, *arguments: Code, **keywords: Code) -> Call:
    named = (joined(f"{key}=", value) for key, value in keywords.items())
    return Call(function, (*arguments, *named))


def joined(*parts: Code) -> Joined:
    return Joined(parts)


def pairs(values: Mapping[str, str]) -> Items:
    """A mapping of texts to texts."""
    written = (joined(f"{literal(key)}: ", literal(value)) for key, value in values.items())
    return Items(tuple(written), "{}")


def literal(value: object) -> str:
    """A value of JSON as code; texts in the quotes that `ruff format` prefers."""
    if not isinstance(value, str):
        return repr(value)
    quote = "'" if value.count('"') > value.count("'") else '"'
    inside = "".join(f"\\{each}" if each in {quote, "\\"} else shown(each) for each in value)
    return f"{quote}{inside}{quote}"


def shown(text: str) -> str:
    """A text as it may stand in code: letters that could be taken for others are written out."""
    return "".join(
        each
        if (each.isascii() and each.isprintable()) or _LETTERS.fullmatch(each)
        else ascii(each)[1:-1]
        for each in text
    )


_LETTERS = re.compile("(?![\u0131\u017f\u00d7\u00f7])[\u00c0-\u017f]")
"""Latin ones, but for those that look like ASCII."""


def one_line(code: Code, named: Naming) -> str:
    """The expression, however long."""
    match code:
        case str():
            return code
        case Name():
            return named(code)
        case Joined(parts):
            return "".join(one_line(part, named) for part in parts)
        case Call(function, arguments):
            inside = ", ".join(one_line(each, named) for each in arguments)
            return f"{one_line(function, named)}({inside})"
        case Items(items, brackets):
            inside = ", ".join(one_line(each, named) for each in items)
            inside += "," if brackets == "()" and len(items) == 1 else ""
            return f"{brackets[0]}{inside}{brackets[1]}"


def laid_out(
    code: Code, named: Naming, *, indent: int = 0, before: str = "", after: str = ""
) -> str:
    """The expression between two texts, in lines that are no longer than they may be."""
    return "\n".join(_lines(code, named, " " * indent, before, after))


def _lines(code: Code, named: Naming, indent: str, before: str, after: str) -> Iterator[str]:
    whole = f"{indent}{before}{one_line(code, named)}{after}"
    if len(whole) <= WIDTH:
        yield whole
        return
    match code:
        case Joined(parts):
            head = "".join(one_line(part, named) for part in parts[:-1])
            yield from _lines(parts[-1], named, indent, before + head, after)
        case Call(function, arguments) if arguments:
            opening = f"{indent}{before}{one_line(function, named)}("
            yield opening
            yield from _inside(arguments, named, indent, in_one_line=True)
            yield f"{indent}){after}"
        case Items(items, brackets) if items:
            yield f"{indent}{before}{brackets[0]}"
            yield from _inside(items, named, indent, in_one_line=False)
            yield f"{indent}{brackets[1]}{after}"
        case _:
            yield whole


def _inside(
    items: Sequence[Code], named: Naming, indent: str, *, in_one_line: bool
) -> Iterator[str]:
    """What is in brackets: in a line by itself, or each item of it in lines of its own."""
    inner = indent + " " * INDENT
    line = inner + ", ".join(one_line(item, named) for item in items)
    if in_one_line and len(line) <= WIDTH:
        yield line
        return
    for item in items:
        yield from _lines(item, named, inner, "", ",")
