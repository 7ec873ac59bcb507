"""Conversion of the tags that print one value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import arguments, call, kept, printed
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.tags.library import builtins

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag


@builtins.tag("cycle")
def cycle(converter: "Converter", tag: "Tag") -> str:
    words: Sequence[str] = tag.words
    if len(words) < 2:
        raise TagFault(
            "'cycle' tag requires at least two arguments", 'write {% cycle "odd" "even" %}'
        )
    if len(words) == 2:
        return printed(f"next_cycle({quoting.string(_named_cycle(converter, words[1]))})")
    words, name, silent = _cycle_options(words)
    options = []
    converter.cycles += 1
    if name is not None:
        converter.named_cycles[name] = name
        options.append(("name", quoting.string(name)))
        if silent:
            options.append(("silent", "True"))
    converter.last_cycle = name or f"#{converter.cycles}"
    values = [converter.value(word) for word in words[1:]]
    return printed(call("cycle", values, options))


def _cycle_options(words: Sequence[str]) -> tuple[Sequence[str], str | None, bool]:
    if len(words) > 4 and words[-3] == "as":
        if words[-1] != "silent":
            raise TagFault(
                f"Only 'silent' flag is allowed after cycle's name, not '{words[-1]}'.",
                "write {% cycle … as name silent %}",
            )
        return words[:-3], words[-2], True
    if len(words) >= 5 and words[-2] == "as":
        return words[:-2], words[-1], False
    return words, None, False


def _named_cycle(converter: "Converter", name: str) -> str:
    if not converter.named_cycles:
        raise TagFault(
            f"No named cycles in template. {name!r} is not defined",
            "write {% cycle … as name %} first",
        )
    if name not in converter.named_cycles:
        raise TagFault(f"Named cycle {name!r} does not exist", "correct the name")
    converter.last_cycle = name
    return name


@builtins.tag("resetcycle")
def resetcycle(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) > 2:
        raise TagFault(
            "'resetcycle' tag accepts at most one argument.", "write {% resetcycle name %}"
        )
    if len(tag.words) == 2:
        if tag.words[1] not in converter.named_cycles:
            raise TagFault(f"Named cycle {tag.words[1]!r} does not exist.", "correct the name")
        return printed(f"reset_cycle({quoting.string(tag.words[1])})")
    if converter.last_cycle is None:
        raise TagFault("No cycles in template.", "write {% cycle … %} first")
    return printed(f"reset_cycle({quoting.string(converter.last_cycle)})")


@builtins.tag("firstof")
def firstof(converter: "Converter", tag: "Tag") -> str:
    words, name = kept(tag.words[1:])
    if not tag.words[1:]:
        raise TagFault(
            "'firstof' statement requires at least one argument", "write {% firstof a b %}"
        )
    return printed(call("firstof", [converter.value(word) for word in words]), name)


@builtins.tag("now")
def now(converter: "Converter", tag: "Tag") -> str:
    words, name = kept(tag.words)
    if len(words) != 2:
        raise TagFault("'now' statement takes one argument", 'write {% now "Y" %}')
    return printed(call("now", [quoting.string(words[1][1:-1])]), name)


@builtins.tag("widthratio")
def widthratio(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) == 6 and words[4] != "as":
        raise TagFault(
            "Invalid syntax in widthratio tag. Expecting 'as' keyword",
            "write {% widthratio value most width as name %}",
        )
    if len(words) not in (4, 6):
        raise TagFault(
            "widthratio takes at least three arguments", "write {% widthratio value most width %}"
        )
    values = [converter.value(word) for word in words[1:4]]
    return printed(call("widthratio", values), words[5] if len(words) == 6 else None)


@builtins.tag("lorem")
def lorem(converter: "Converter", tag: "Tag") -> str:
    words = tag.words[1:]
    is_random = bool(words) and words[-1] == "random"
    if is_random:
        words = words[:-1]
    method = words.pop() if words and words[-1] in ("w", "p", "b") else "b"
    count = converter.value(words.pop()) if words else "1"
    if words:
        raise TagFault("Incorrect format for 'lorem' tag", "write {% lorem 3 p %}")
    options = [("random", "True")] if is_random else []
    return printed(call("lorem", [count, quoting.string(method)], options))


@builtins.tag("debug")
def debug(converter: "Converter", tag: "Tag") -> str:
    return printed("debug()")


@builtins.tag("csrf_token")
def csrf_token(converter: "Converter", tag: "Tag") -> str:
    return printed("csrf_token()")


@builtins.tag("url")
def url(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) < 2:
        raise TagFault(
            "'url' takes at least one argument, a URL pattern name.", 'write {% url "home" %}'
        )
    words, name = kept(tag.words[2:])
    positional, named = arguments(converter, words)
    values = [converter.value(tag.words[1]), *positional]
    return printed(call("url" if name is None else "url_if_any", values, named), name)
