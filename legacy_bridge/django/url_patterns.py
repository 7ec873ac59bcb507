"""One line of a URLconf, ready to match a path and to take part in a URL that is made.

Converters of Django's own are known here; those of the project must be given, by the dotted name
of their class, as something with `to_python` and `to_url`.
"""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from legacy_bridge.manifest.model import Converter, UrlNode

_PARAMETER = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


class PathConverter(Protocol):
    """As Django's: `ValueError` says that the text or the value does not fit."""

    def to_python(self, value: str) -> Any:
        """The value of a piece of a path."""

    def to_url(self, value: Any) -> str:
        """The piece of a path for a value."""


@dataclass(frozen=True, slots=True)
class _BuiltIn:
    read: Callable[[str], Any]

    def to_python(self, value: str) -> Any:
        return self.read(value)

    def to_url(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class _FormatSuffix:
    """`.json` of Django REST framework; its class is made on the spot, so that a name is all that
    a manifest can say of it."""

    def to_python(self, value: str) -> str:
        return value.strip("./")

    def to_url(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(value)  # noqa: TRY004  # which says that it does not fit
        return f".{value}/"


WELL_KNOWN: Mapping[str, PathConverter] = {
    "rest_framework.urlpatterns._get_format_path_converter.<locals>.FormatSuffixConverter": (
        _FormatSuffix()
    ),
}

BUILT_IN: Mapping[str, PathConverter] = {
    "int": _BuiltIn(int),
    "path": _BuiltIn(str),
    "slug": _BuiltIn(str),
    "str": _BuiltIn(str),
    "uuid": _BuiltIn(uuid.UUID),
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A converter of the project's own that was not given: its values stay texts."""

    name: str

    def to_python(self, value: str) -> Any:
        return value

    def to_url(self, value: Any) -> str:
        raise UnknownConverterError(
            f"nobody knows how {self.name} writes {value!r} into a URL — give a converter of that "
            "name to Urls(…, converters=…)"
        )


class UnknownConverterError(LookupError):
    """A URL with a converter of the project's own was to be made, and nobody gave one."""


Converters = Mapping[str, PathConverter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """What a pattern took of a path: the rest of it, and what its groups hold."""

    rest: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A line in one language. `regex` is as Django has it, with its `^` and its end.

    `prefix` is the text of a language prefix, None of all others.
    """

    node: UrlNode
    regex: str
    converters: Mapping[str, PathConverter]
    prefix: str | None = None

    def match(self, path: str) -> Matched | None:
        """Compare with the rest of a path; None where it does not fit."""
        if self.prefix is not None:
            fits = path.startswith(self.prefix)
            return Matched(rest=path.removeprefix(self.prefix), kwargs={}) if fits else None
        compiled = compiled_regex(self.regex)
        whole = self.node.kind == "regex" and is_view(self.node) and self.regex.endswith("$")
        found = compiled.fullmatch(path) if whole else compiled.search(path)
        if found is None:
            return None
        texts, rest = found.groupdict(), path[found.end() :]
        if self.node.kind == "regex":
            args = () if texts else found.groups()
            kwargs = {name: text for name, text in texts.items() if text is not None}
            return Matched(rest=rest, args=args, kwargs=kwargs)
        try:
            values = {name: self.converters[name].to_python(texts[name]) for name in texts}
        except ValueError:
            return None
        return Matched(rest=rest, kwargs=values)


def is_view(node: UrlNode) -> bool:
    """Whether the line leads to a view, not to other lines."""
    return node.patterns is None


def by_first_segment(
    lines: Sequence[UrlNode],
) -> tuple[Mapping[str, Sequence[UrlNode]], Sequence[UrlNode]]:
    """The lines that are worth a try for paths that begin with a segment, in their order, and those
    for all others."""
    begins = [(line, _first_segment(line)) for line in lines]
    segments = {begin for _, begin in begins if begin is not None}
    below = {
        segment: [line for line, begin in begins if begin in (segment, None)]
        for segment in segments
    }
    return below, [line for line, begin in begins if begin is None]


def _first_segment(line: UrlNode) -> str | None:
    """None where the text of the line does not say it."""
    if line.kind != "path" or line.translations:
        return None
    literal, parameter, _ = line.source.partition("<")
    whole = not parameter and is_view(line)  # nothing can follow
    return literal.partition("/")[0] if whole or "/" in literal else None


@cache
def compiled_regex(regex: str) -> re.Pattern[str]:
    """Kept for good: there are as many as the project has patterns."""
    return re.compile(regex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Makes patterns of the lines of a manifest, as they are in one language."""

    described: Mapping[str, Converter]
    given: Mapping[str, PathConverter]
    """Converters of the project's own."""
    language: str
    default_language: str

    def pattern(self, node: UrlNode) -> Pattern:
        if node.kind == "language":
            prefix = language_prefix(node, self.language, self.default_language)
            return Pattern(node=node, regex=re.escape(prefix), converters={}, prefix=prefix)
        source = node.translations.get(self.language, node.source)
        if node.kind == "regex":
            return Pattern(node=node, regex=source, converters={})
        converters = {name: self._converter(key) for name, key in node.converters.items()}
        regex = regex_of_path(source, {n: self.described[k] for n, k in node.converters.items()})
        return Pattern(
            node=node,
            regex=rf"^{regex}\Z" if is_view(node) else f"^{regex}",
            converters=converters,
        )

    def _converter(self, name: str) -> PathConverter:
        like = self.described[name].like
        known = BUILT_IN[like] if like else WELL_KNOWN.get(name.partition("#")[0])
        return self.given.get(name) or known or Unknown(name)


def language_prefix(node: UrlNode, language: str, default: str) -> str:
    """What `i18n_patterns()` puts before its lines in this language."""
    return f"{language}/" if node.prefix_default or language != default else ""


def regex_of_path(source: str, described: Mapping[str, Converter]) -> str:
    """What `path()` makes of its route, without begin and end. `described` is by parameter."""
    regex, position = "", 0
    for parameter in _PARAMETER.finditer(source):
        name = parameter[1]
        literal = re.escape(source[position : parameter.start()])
        regex += f"{literal}(?P<{name}>{described[name].regex})"
        position = parameter.end()
    return regex + re.escape(source[position:])
