"""Conversion of the tags that decide what is rendered: if, for, with, ifchanged and their like."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import block, call, keyword, printed
from legacy_bridge.templates.convert.conditions import condition
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.tags.library import builtins

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag


@builtins.tag("if")
def if_(converter: "Converter", tag: "Tag") -> str:
    parts = [f"{{% if {condition(tag.words[1:], converter.value)} %}}"]
    while True:
        parts.append(converter.body(tag, "elif", "else", "endif"))
        end = converter.ended_by
        assert end is not None  # noqa: S101  # body() came back
        if end.name != "elif":
            break
        parts.append(f"{{% elif {condition(end.words[1:], converter.value)} %}}")
    if end.content == "else":
        parts += ["{% else %}", converter.body(tag, "endif")]
        end = converter.ended_by
        assert end is not None  # noqa: S101
    if end.content != "endif":
        raise TagFault(
            f'Malformed template tag at line {end.line}: "{end.content}"',
            "write {% else %} and {% endif %} without anything after them",
        )
    return "".join([*parts, "{% endif %}"])


@builtins.tag("for")
def for_(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) < 4:
        raise TagFault(
            f"'for' statements should have at least four words: {tag.content}",
            "write {% for item in list %}",
        )
    is_reversed = words[-1] == "reversed"
    at = len(words) - (3 if is_reversed else 2)
    if words[at] != "in":
        raise TagFault(
            f"'for' statements should use the format 'for x in y': {tag.content}",
            "write {% for item in list %}",
        )
    names = _targets(words[1:at], tag.content)
    sequence = converter.value(words[at + 1])
    if is_reversed:
        sequence = call("reversed", [sequence])
    body = converter.body(tag, "empty", "endfor")
    empty = ""
    if converter.ended_by is not None and converter.ended_by.name == "empty":
        empty = "{% else %}" + converter.body(tag, "endfor")
    return f"{{% for {', '.join(names)} in {sequence} %}}{body}{empty}{{% endfor %}}"


def _targets(words: Sequence[str], content: str) -> list[str]:
    names = re.split(r" *, *", " ".join(words))
    for name in names:
        if not name or any(sign in name for sign in " \"'|"):
            raise TagFault(
                f"'for' tag received an invalid argument: {content}",
                "separate the names with commas",
            )
        if not quoting.can_be_set(name):
            raise TagFault(f"'for' cannot give a value the name {name!r}", "use another name")
    return names


@builtins.tag("with")
def with_(converter: "Converter", tag: "Tag") -> str:
    words = tag.words[1:]
    pairs, taken = assignments(converter, words)
    if not pairs:
        raise TagFault(
            "'with' expected at least one variable assignment", "write {% with name=value %}"
        )
    if len(words) > taken:
        raise TagFault(
            f"'with' received an invalid token: {words[taken]!r}", "write name=value for each"
        )
    body = converter.body(tag, "endwith")
    if not all(quoting.can_be_set(name) for name, _ in pairs):
        return block(call("with_values", [], pairs), body)
    written = ", ".join(f"{name}={value}" for name, value in pairs)
    return f"{{% with {written} %}}{body}{{% endwith %}}"


def assignments(converter: "Converter", words: Sequence[str]) -> tuple[list[tuple[str, str]], int]:
    """The pairs at the beginning of `words`, and how many words they are.

    Either `a=b c=d`, or `b as a and d as c`; of the same name the last one wins.
    """
    found: dict[str, str] = {}
    at = 0
    if words and keyword(words[0]) is not None:
        while at < len(words) and (pair := keyword(words[at])) is not None:
            found[pair[0]] = converter.value(pair[1])
            at += 1
        return list(found.items()), at
    while len(words) >= at + 3 and words[at + 1] == "as":
        found[words[at + 2]] = converter.value(words[at])
        at += 3
        if words[at : at + 1] != ["and"]:
            break
        at += 1
    return list(found.items()), at


@builtins.tag("ifchanged")
def ifchanged(converter: "Converter", tag: "Tag") -> str:
    called = call("ifchanged", [converter.value(word) for word in tag.words[1:]])
    body = converter.body(tag, "else", "endifchanged")
    branch = None
    if converter.ended_by is not None and converter.ended_by.name == "else":
        branch = converter.body(tag, "endifchanged")
    return block(called, body, branch)


@builtins.tag("autoescape")
def autoescape(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault(
            "'autoescape' tag requires exactly one argument.", "write {% autoescape off %}"
        )
    if tag.words[1] not in ("on", "off"):
        raise TagFault(
            "'autoescape' argument should be 'on' or 'off'", "write {% autoescape off %}"
        )
    body = converter.body(tag, "endautoescape")
    value = "true" if tag.words[1] == "on" else "false"
    return f"{{% autoescape {value} %}}{body}{{% endautoescape %}}"


@builtins.tag("filter")
def filter_(converter: "Converter", tag: "Tag") -> str:
    _, _, filters = tag.content.partition(" ")
    if not filters:
        raise TagFault("'filter' names no filter", "write {% filter upper %}")
    for name in re.findall(r"(?:^|\|)\s*(\w+)", filters):
        if name in ("escape", "safe"):
            raise TagFault(
                f'"filter {name}" is not permitted.  Use the "autoescape" tag instead.',
                "write {% autoescape off %}",
            )
    converted = converter.value(f"x|{filters.strip()}").removeprefix("x|")
    return f"{{% filter {converted} %}}{converter.body(tag, 'endfilter')}{{% endfilter %}}"


@builtins.tag("spaceless")
def spaceless(converter: "Converter", tag: "Tag") -> str:
    return block("spaceless()", converter.body(tag, "endspaceless"))


@builtins.tag("regroup")
def regroup(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) != 6:
        raise TagFault(
            "'regroup' tag takes five arguments", "write {% regroup list by attribute as name %}"
        )
    if words[2] != "by":
        raise TagFault(
            "second argument to 'regroup' tag must be 'by'",
            "write {% regroup list by attribute as name %}",
        )
    if words[4] != "as":
        raise TagFault(
            "next-to-last argument to 'regroup' tag must be 'as'",
            "write {% regroup list by attribute as name %}",
        )
    name = words[5]
    by = converter.value(f"{name}.{words[3]}")
    arguments = [converter.value(words[1]), by, quoting.string(name)]
    return printed(call("regroup", arguments), name)
