"""URLs made from names, and names found for URLs, by the legacy project's own patterns.

    urls = Urls(manifest)
    urls.reverse("download:download_release_detail", None, release_slug="python-3140")
    urls.resolve("/downloads/release/python-3140/")

Both as Django's functions of these names, from `manage.py strangler_manifest` instead of the
project's code. Not known from there, and so different: converters of the project's own (to be
given), and the values of arguments in URLconfs that were not exported (they do not tell two
patterns of one name apart). Literal percent signs cannot be reversed, as in Django.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

from legacy_bridge.django.regex_forms import Form, NotReversibleError, forms
from legacy_bridge.django.url_patterns import (
    Pattern,
    Reader,
    by_first_segment,
    compiled_regex,
)
from legacy_bridge.django.url_scopes import NONE, Candidate, Converters, Namespace, Scope, scope_of
from legacy_bridge.manifest.model import Manifest, UrlNode

SAFE = "!$&'()*+,;=/~:@"
"""What a path carries unquoted: RFC 3986 3.3, pchar."""


class NoReverseMatchError(LookupError):
    """No pattern has this name and takes these arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The line that answers a path. `kwargs` has the arguments of the URLconf, too."""

    node: UrlNode
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    namespaces: tuple[str, ...] = ()
    app_names: tuple[str, ...] = ()

    @property
    def view_name(self) -> str | None:
        """`namespace:name`; None for a line without a name."""
        if self.node.name is None:
            return None
        return ":".join((*self.namespaces, self.node.name))


@dataclass(frozen=True, slots=True)
class _Place:
    """A scope, and the regex and the converters on the way to it."""

    scope: Scope
    regex: str = ""
    converters: Converters = field(default_factory=dict)


class Urls:
    """The URLs of a project in one language; made once, kept as long as the manifest is.

    `converters` are the project's own, by the names that `manifest.urls.converters` has for them;
    `script_name` is what every path begins with, `/` unless the site lies below another path.
    """

    def __init__(
        self,
        manifest: Manifest,
        converters: Converters = NONE,
        *,
        language: str | None = None,
        script_name: str = "/",
    ) -> None:
        default = manifest.settings.get("LANGUAGE_CODE", "en-us")
        self._lines = manifest.urls.patterns
        self._script_name = script_name if script_name.endswith("/") else script_name + "/"
        self._reader = Reader(
            described=manifest.urls.converters,
            given=converters,
            language=language or default,
            default_language=default,
        )
        self._beginning, self._elsewhere = by_first_segment(self._lines)
        self._patterns: dict[int, Pattern] = {}
        self._places: dict[tuple[str, ...], _Place] = {
            (): _Place(scope_of(self._lines, self._pattern))
        }
        self._found: dict[tuple[tuple[str, ...], str], list[Candidate]] = {}

    def reverse(
        self, name: str, current_app: str | None = None, /, *args: Any, **kwargs: Any
    ) -> str:
        """The path, percent-encoded, for `name` or `namespace:name`.

        `current_app` is the namespace of the page that asks: it chooses among several instances of
        an application. Raises `NoReverseMatchError`, `UnknownConverterError`, and `ValueError`
        where both kinds of arguments are given.
        """
        if args and kwargs:
            raise ValueError("a URL takes positional arguments or keywords, not both")
        *namespaces, last = name.split(":")
        candidates = self._candidates(self._chain(namespaces, current_app), last)
        for candidate in candidates:
            for form in _forms(candidate.regex):
                texts = _texts(candidate, form, args, kwargs)
                if texts is not None and (path := self._path(candidate, form, texts)):
                    return path
        raise NoReverseMatchError(_refusal(name, args, kwargs, candidates))

    def resolve(self, path: str) -> Resolved | None:
        """The first line that takes `path`, which is decoded and begins with a slash; or None.

        Values of converters that were not given stay texts.
        """
        if not path.startswith("/"):
            return None
        rest = path[1:]
        return self._resolve(self._beginning.get(rest.partition("/")[0], self._elsewhere), rest)

    def compile(self) -> None:
        """Read all regexes, so that none is read while a path is resolved. Raises `ValueError` for
        one that this Python does not take."""
        waiting = list(self._lines)
        while waiting:
            node = waiting.pop()
            try:
                compiled_regex(self._pattern(node).regex)
            except re.error as error:
                raise ValueError(f"{node.source!r} is no regex here: {error}") from None
            waiting.extend(node.patterns or ())

    def _resolve(self, lines: Sequence[UrlNode], path: str) -> Resolved | None:
        for node in lines:
            taken = self._pattern(node).match(path)
            if taken is None:
                continue
            if node.patterns is None:
                kwargs = {**taken.kwargs, **node.defaults}
                return Resolved(node=node, args=taken.args, kwargs=kwargs)
            below = self._resolve(node.patterns, taken.rest)
            if below is not None:
                kwargs = {**taken.kwargs, **node.defaults, **below.kwargs}
                return Resolved(
                    node=below.node,
                    args=below.args if kwargs else taken.args + below.args,
                    kwargs=kwargs,
                    namespaces=_before(node.namespace, below.namespaces),
                    app_names=_before(node.app_name, below.app_names),
                )
        return None

    def _pattern(self, node: UrlNode) -> Pattern:
        found = self._patterns.get(id(node))
        if found is None:
            found = self._patterns[id(node)] = self._reader.pattern(node)
        return found

    def _path(self, candidate: Candidate, form: Form, texts: dict[str, str]) -> str | None:
        """The URL, if the regex takes what the form makes of the arguments.

        What Django cannot format ends it all, also where another pattern would do.
        """
        if "%" in form.literal or not form.slots <= texts.keys():
            raise NoReverseMatchError(f"no text can be made of {candidate.regex} with {texts}")
        filled = self._script_name + form.filled(texts)
        begin = re.escape(self._script_name)
        fits = compiled_regex(f"^{begin}{candidate.regex}").search(filled)
        return _local(quote(filled, safe=SAFE)) if fits else None

    def _chain(self, names: Sequence[str], current_app: str | None) -> tuple[str, ...]:
        """The namespaces that are meant: names of applications stand for one of their instances."""
        current = current_app.split(":") if current_app else []
        chain: tuple[str, ...] = ()
        for position, name in enumerate(names):
            here = current[position] if position < len(current) else None
            place = self._places[chain]
            meant = _instance(name, here, place.scope.apps.get(name, ()))
            if meant != here:
                current = []
            if meant not in place.scope.namespaces:
                where = f" inside {':'.join(chain)!r}" if chain else ""
                raise NoReverseMatchError(f"{meant!r} is no namespace{where}")
            chain = (*chain, meant)
            if chain not in self._places:
                self._places[chain] = self._below(place, place.scope.namespaces[meant])
        return chain

    def _below(self, place: _Place, namespace: Namespace) -> _Place:
        return _Place(
            scope_of(namespace.lines, self._pattern, namespace.converters),
            place.regex + namespace.regex,
            {**place.converters, **namespace.converters},
        )

    def _candidates(self, chain: tuple[str, ...], name: str) -> list[Candidate]:
        """The patterns of a name from the root on, in the order in which they are tried."""
        if (chain, name) not in self._found:
            place = self._places[chain]
            self._found[chain, name] = [
                Candidate(
                    place.regex + each.regex,
                    each.defaults,
                    {**place.converters, **each.converters},
                )
                for each in place.scope.names.get(name, ())
            ]
        return self._found[chain, name]


def _instance(name: str, current: str | None, instances: Sequence[str]) -> str:
    """An application's name stands for the current instance, the one of that name, or the last
    that was declared, which comes first."""
    if instances and current in instances:
        return str(current)
    if instances and name not in instances:
        return instances[0]
    return name


@cache
def _forms(regex: str) -> tuple[Form, ...]:
    try:
        return forms(regex)
    except NotReversibleError:
        return ()


def _texts(
    candidate: Candidate, form: Form, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, str] | None:
    """The arguments as texts, by slot; None where they are not those that the form asks for."""
    given = dict(zip(form.params, args, strict=False)) if args else kwargs
    if not (len(args) == len(form.params) if args else _fits(candidate, form, kwargs)):
        return None
    texts = {}
    for name, value in given.items():
        converter = candidate.converters.get(name)
        try:
            texts[name] = converter.to_url(value) if converter else str(value)
        except ValueError:
            return None
    return texts


def _fits(candidate: Candidate, form: Form, kwargs: Mapping[str, Any]) -> bool:
    params, defaults = set(form.params), candidate.defaults
    if params.symmetric_difference(kwargs).difference(defaults):
        return False
    return all(
        name in params or kwargs.get(name, value) == value for name, value in defaults.items()
    )


def _local(url: str) -> str:
    """Two slashes at the beginning would lead to another host."""
    return f"/%2F{url[2:]}" if url.startswith("//") else url


def _before(name: str | None, names: tuple[str, ...]) -> tuple[str, ...]:
    return (name, *names) if name else names


def _refusal(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], candidates: Sequence[Candidate]
) -> str:
    given = f"arguments {tuple(args)}" if args else f"keywords {dict(kwargs)}"
    if not candidates:
        return f"no URL has the name {name!r}"
    tried = ", ".join(candidate.regex for candidate in candidates)
    return f"{name!r} with {given}: none of its patterns takes them ({tried})"
