"""Which URL a path means, and which path a name means: the table made of all mounted URLs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ported_domains.shared.urls import ANY, Url

# Django reverses with these characters left alone (RFC 3986 pchar)
_SAFE = "/~:@!$&'()*+,;="


class NoReverseMatchError(LookupError):
    """No URL of that name takes these arguments."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """All that answers at one pattern: declarations of the same pattern for different methods.

    `csrf_exempt` only if all of them are: a forgotten token is better refused than let pass.
    """

    url: Url
    keys: Mapping[str, str]
    csrf_exempt: bool

    @property
    def allowed(self) -> tuple[str, ...]:
        """Methods for `Allow`, in the order of Django's class-based views."""
        methods = set(self.keys) | {"OPTIONS"} | ({"HEAD"} if "GET" in self.keys else set())
        return tuple(name for name in _DJANGO_ORDER if name in methods)

    def key_for(self, method: str) -> str | None:
        """Litestar path of the handler for `method`; HEAD is answered as GET. None: refuse."""
        if key := self.keys.get(method) or self.keys.get(ANY[0]):
            return key
        return self.keys.get("GET") if method == "HEAD" else None


_DJANGO_ORDER = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Resolved:
    endpoint: Endpoint
    arguments: Mapping[str, Any]


class Urls:
    """Immutable. Patterns are tried in their order; those that begin with a literal segment are
    only tried for paths that begin with it."""

    def __init__(self, urls: Iterable[Url]) -> None:
        self._endpoints = _endpoints(urls)
        self._anywhere = tuple(e for e in self._endpoints if e.url.first_segment is None)
        self._below = _by_first_segment(self._endpoints)
        self._by_name = _by_name(self._endpoints)
        self._instances = _instances(self._endpoints)

    def resolve(self, path: str) -> Resolved | None:
        """`path` is decoded and begins with a slash."""
        rest = path[1:]
        for endpoint in self._below.get(rest.partition("/")[0], self._anywhere):
            arguments = endpoint.url.match(rest)
            if arguments is not None:
                return Resolved(endpoint, arguments)
        return None

    def reverse(
        self, view_name: str, current: str = "", /, *in_order: object, **named: object
    ) -> str:
        """Path of the URL `namespace:name`. As in Django a namespace may be an application's:
        then it means `current` (the request's namespace) if that is one of it, else the one
        mounted last; and of several URLs of a name the last that takes the arguments, which are
        either named or in the order of the pattern."""
        namespace, _, name = view_name.rpartition(":")
        for url in self._by_name.get((self._namespace(namespace, current), name), ()):
            arguments = _named(url, in_order, named)
            if url.reverse_format is not None and arguments is not None:
                path = url.reverse_format.format_map(arguments)
                if url.match(path[1:]) is not None:
                    return re.sub("^//", "/%2F", quote(path, safe=_SAFE))
        raise NoReverseMatchError(f"no URL {view_name!r} takes {[*in_order, *sorted(named)]}")

    def _namespace(self, namespace: str, current: str) -> str:
        instances = self._instances.get(namespace)
        if instances is None:
            return namespace
        return current if current in instances else instances[-1]


def _named(
    url: Url, in_order: Sequence[object], named: Mapping[str, object]
) -> Mapping[str, object] | None:
    """The arguments by name, or None if they are not those of the pattern."""
    wanted = tuple(url.regex.groupindex)
    if in_order:
        fits = not named and len(in_order) == len(wanted)
        return dict(zip(wanted, in_order, strict=True)) if fits else None
    return named if named.keys() == set(wanted) else None


def _endpoints(urls: Iterable[Url]) -> tuple[Endpoint, ...]:
    grouped: dict[str, list[Url]] = defaultdict(list)
    for url in urls:
        grouped[url.regex.pattern].append(url)
    return tuple(
        Endpoint(
            same[0],
            {method: url.key for url in same for method in url.methods},
            all(url.csrf_exempt for url in same),
        )
        for same in grouped.values()
    )


def _by_first_segment(endpoints: Sequence[Endpoint]) -> dict[str, tuple[Endpoint, ...]]:
    segments = {e.url.first_segment for e in endpoints} - {None}
    return {
        str(segment): tuple(e for e in endpoints if e.url.first_segment in (segment, None))
        for segment in segments
    }


def _instances(endpoints: Sequence[Endpoint]) -> dict[str, tuple[str, ...]]:
    """Namespaces under which each application is mounted, in order."""
    instances: dict[str, tuple[str, ...]] = {}
    for url in (endpoint.url for endpoint in endpoints):
        known = instances.get(url.app_name, ())
        if url.namespace and url.namespace not in known:
            instances[url.app_name] = (*known, url.namespace)
    return instances


def _by_name(endpoints: Sequence[Endpoint]) -> dict[tuple[str, str], list[Url]]:
    named: dict[tuple[str, str], list[Url]] = defaultdict(list)
    for endpoint in reversed(endpoints):
        named[(endpoint.url.namespace, endpoint.url.name)].append(endpoint.url)
    return named
