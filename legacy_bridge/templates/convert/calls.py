"""Tags that call a function: their arguments are checked as Python does, and written as a call."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.declarations import Signature, Syntax
from legacy_bridge.templates.faults import TagFault

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

_KEYWORD = re.compile(r"(\w+)=(.+)", re.DOTALL)


def keyword(word: str) -> tuple[str, str] | None:
    """`name=value` in two, or `None` for another word."""
    found = _KEYWORD.fullmatch(word)
    return (found[1], found[2]) if found else None


def kept(words: Sequence[str]) -> tuple[Sequence[str], str | None]:
    """The words without `as name` at their end, and the name."""
    if len(words) >= 2 and words[-2] == "as":
        return words[:-2], words[-1]
    return words, None


def call(name: str, arguments: Sequence[str], named: Sequence[tuple[str, str]] = ()) -> str:
    """`name(a, b=c)`; a name that Python could not write is given in a mapping."""
    written = [f"{key}={value}" for key, value in named if quoting.is_name(key)]
    other = [f"{quoting.string(key)}: {value}" for key, value in named if not quoting.is_name(key)]
    if other:
        written.append(f"**{{{', '.join(other)}}}")
    return f"{name}({', '.join([*arguments, *written])})"


def printed(expression: str, name: str | None = None) -> str:
    """Printed, or kept as `name`."""
    if name is None:
        return f"{{{{ {expression} }}}}"
    if quoting.can_be_set(name):
        return f"{{% set {name} = {expression} %}}"
    return f"{{{{ keep({quoting.string(name)}, {expression}) }}}}"


def arguments(
    converter: "Converter", words: Sequence[str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """Positional and named arguments, converted."""
    positional: list[str] = []
    named: list[tuple[str, str]] = []
    for word in words:
        pair = keyword(word)
        if pair is None:
            positional.append(converter.value(word))
        else:
            named.append((pair[0], converter.value(pair[1])))
    return positional, named


def simple_syntax(
    name: str, signature: Signature, first: tuple[str, ...] = (), may_keep: bool = True
) -> Syntax:
    """`first` are the names that the function's first parameters must have."""

    def convert(converter: "Converter", tag: "Tag") -> str:
        words, target = kept(tag.words[1:]) if may_keep else (tag.words[1:], None)
        return printed(checked_call(converter, tag, name, words, signature, first), target)

    return convert


def block_syntax(name: str, end: str, signature: Signature, first: tuple[str, ...] = ()) -> Syntax:
    def convert(converter: "Converter", tag: "Tag") -> str:
        words, target = kept(tag.words[1:])
        _check_first(tag.name, signature, first)
        body = converter.body(tag, end)
        called = checked_call(converter, tag, name, words, signature, first)
        return block(called if target is None else f"{called} as {target}", body)

    return convert


def block(called: str, body: str, branch: str | None = None) -> str:
    """A tag with a body; its end repeats the name."""
    name = called.partition("(")[0]
    other = "" if branch is None else f"{{% else %}}{branch}"
    return f"{{% {called} %}}{body}{other}{{% end{name} %}}"


def switch_syntax(name: str) -> Syntax:
    """A tag that has its body printed with something on, as without a word, or off."""

    def convert(converter: "Converter", tag: "Tag") -> str:
        if tag.words[1:] not in ([], ["on"], ["off"]):
            raise TagFault(
                f"{tag.name!r} argument should be 'on' or 'off'", f"write {{% {name} off %}}"
            )
        return block(f"{name}({tag.words[1:] != ['off']})", converter.body(tag, f"end{name}"))

    return convert


def checked_call(
    converter: "Converter",
    tag: "Tag",
    name: str,
    words: Sequence[str],
    signature: Signature,
    first: tuple[str, ...],
) -> str:
    _check_first(tag.name, signature, first)
    _check(tag.name, words, signature)
    return call(converter.function(tag.name, name), *arguments(converter, words))


def _check_first(tag: str, signature: Signature, first: tuple[str, ...]) -> None:
    """Whether the function has the parameters that the engine fills."""
    if signature.given == first:
        return
    why = f"{tag!r} must have"
    if first != ("content",):
        why = f"{tag!r} is decorated with takes_context=True so it must have"
    wanted = " and a second argument of ".join(repr(name) for name in first)
    raise TagFault(f"{why} a first argument of {wanted}", "correct the function in its library")


def _check(tag: str, words: Sequence[str], signature: Signature) -> None:
    waiting = list(signature.positional)
    missing_keywords = list(signature.required_keywords)
    seen: set[str] = set()
    for word in words:
        pair = keyword(word)
        if pair is None:
            _check_positional(tag, waiting, seen, signature)
            continue
        name = pair[0]
        known = name in signature.positional or name in signature.keyword_only
        if not known and not signature.takes_any_keyword:
            raise TagFault(
                f"{tag!r} received unexpected keyword argument {name!r}",
                f"it takes: {_taken(signature)}",
            )
        if name in seen or (name in signature.positional and name not in waiting):
            raise TagFault(
                f"{tag!r} received multiple values for keyword argument {name!r}",
                "give it once",
            )
        seen.add(name)
        if name in waiting:
            waiting.remove(name)
        elif name in missing_keywords:
            missing_keywords.remove(name)
    optional = signature.positional[len(signature.positional) - signature.optional :]
    missing = [name for name in waiting if not signature.optional or name not in optional]
    if missing or missing_keywords:
        names = ", ".join(repr(name) for name in [*missing, *missing_keywords])
        raise TagFault(
            f"{tag!r} did not receive value(s) for the argument(s): {names}",
            "give a value for each",
        )


def _check_positional(tag: str, waiting: list[str], seen: set[str], signature: Signature) -> None:
    if seen:
        raise TagFault(
            f"{tag!r} received some positional argument(s) after some keyword argument(s)",
            "write the ones without a name first",
        )
    if waiting:
        waiting.pop(0)
    elif not signature.takes_any_positional:
        raise TagFault(
            f"{tag!r} received too many positional arguments",
            f"it takes: {_taken(signature)}",
        )


def _taken(signature: Signature) -> str:
    return ", ".join([*signature.positional, *signature.keyword_only]) or "no arguments"
