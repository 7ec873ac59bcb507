"""Conversion of the tags between templates, and of those that print nothing."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import call, keyword, printed
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.tags.library import builtins

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

_MARKS = {
    "openblock": "{%",
    "closeblock": "%}",
    "openvariable": "{{",
    "closevariable": "}}",
    "openbrace": "{",
    "closebrace": "}",
    "opencomment": "{#",
    "closecomment": "#}",
}


@builtins.tag("extends")
def extends(converter: "Converter", tag: "Tag") -> str:
    if converter.extends is not None:
        raise TagFault(
            "'extends' cannot appear more than once in the same template", "keep the first one"
        )
    if converter.has_content:
        raise TagFault(
            f"{{% {tag.content} %}} must be the first tag in {converter.name}.",
            "move it above every other tag, {% load %} too",
        )
    if len(tag.words) != 2:
        raise TagFault("'extends' takes one argument", 'write {% extends "base.html" %}')
    converter.extends = converter.value(tag.words[1])
    return f"{{% extends {converter.extends} %}}"


@builtins.tag("block")
def block(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault("'block' tag takes only one argument", "write {% block name %}")
    name = tag.words[1]
    if name in converter.blocks:
        raise TagFault(
            f"'block' tag with name {name!r} appears more than once", "give one another name"
        )
    written = block_name(name)
    if written in {block_name(other) for other in converter.blocks}:
        raise TagFault(
            f"'block' tags {name!r} and another one differ in punctuation only",
            "give one another name",
        )
    converter.blocks.add(name)
    body = converter.body(tag, "endblock")
    end = converter.ended_by
    if end is not None and end.content not in ("endblock", f"endblock {name}"):
        raise TagFault(
            f"Invalid block tag on line {end.line}: {end.content!r}, "
            f"expected 'endblock' or 'endblock {name}'.",
            f"write {{% endblock {name} %}}",
        )
    last = f" {written}" if end is not None and len(end.words) > 1 else ""
    return f"{{% block {written} %}}{body}{{% endblock{last} %}}"


def block_name(name: str) -> str:
    """Jinja2's block names are identifiers."""
    written = re.sub(r"\W", "_", name)
    return written if quoting.is_name(written) else f"_{written}"


@builtins.tag("include")
def include(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) < 2:
        raise TagFault(
            "'include' tag takes at least one argument: the name of the template to be included.",
            'write {% include "part.html" %}',
        )
    pairs, only = _options(converter, tag.words[2:])
    name = converter.value(tag.words[1])
    if not pairs and not only:
        return f"{{% include {name} %}}"
    return printed(call("include_only" if only else "include", [name], pairs))


def _options(converter: "Converter", words: Sequence[str]) -> tuple[list[tuple[str, str]], bool]:
    pairs: dict[str, str] | None = None
    only = False
    rest = list(words)
    while rest:
        option = rest.pop(0)
        if (option == "with" and pairs is not None) or (option == "only" and only):
            raise TagFault(f"The {option!r} option was specified more than once.", "write it once")
        if option == "only":
            only = True
        elif option == "with":
            pairs = {}
            while rest and (pair := keyword(rest[0])) is not None:
                pairs[pair[0]] = converter.value(pair[1])
                rest.pop(0)
            if not pairs:
                raise TagFault(
                    "\"with\" in 'include' tag needs at least one keyword argument.",
                    "write with name=value",
                )
        else:
            raise TagFault(
                f"Unknown argument for 'include' tag: {option!r}.",
                'write {% include "part.html" with name=value only %}',
            )
    return list((pairs or {}).items()), only


@builtins.tag("load")
def load(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) >= 4 and words[-2] == "from":
        library = converter.library(words[-1])
        for name in words[1:-2]:
            if name not in library.tags and name not in library.filters:
                raise TagFault(
                    f"{name!r} is not a valid tag or filter in tag library {words[-1]!r}",
                    "correct the name, or declare it in the library",
                )
        converter.load(library, words[1:-2])
    else:
        for name in words[1:]:
            # Without this library the others still say what is meant below.
            with converter.going_on(tag):
                converter.load(converter.library(name))
    return ""


@builtins.tag("comment")
def comment(converter: "Converter", tag: "Tag") -> str:
    return quoting.comment(converter.skip(tag, "endcomment"))


@builtins.tag("verbatim")
def verbatim(converter: "Converter", tag: "Tag") -> str:
    content = converter.skip(tag, f"end{tag.content}")
    if "{" not in content or "endraw" in content or "\r" in content:
        return quoting.text(content)
    return f"{{% raw %}}{content}{{% endraw %}}"


@builtins.tag("templatetag")
def templatetag(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault(
            "'templatetag' statement takes one argument", "write {% templatetag openblock %}"
        )
    if tag.words[1] not in _MARKS:
        raise TagFault(
            f"Invalid templatetag argument: {tag.words[1]!r}. Must be one of: {list(_MARKS)}",
            "use one of these names",
        )
    return printed(quoting.string(_MARKS[tag.words[1]]))
