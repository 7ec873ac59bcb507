"""URLs in Django's terms: ordered patterns, converters, names, namespaces, and their reversal.

A domain states its URLs as Django's URLconf does, and mounts them into Litestar handlers:

    ROUTES = (
        path("release/<slug:release_slug>/", release_detail, name="download_release_detail"),
        re_path(r"latest/python3\\.(?P<minor>\\d+)/?$", latest_in_series, methods=REDIRECT_VIEW),
        path("<slug:slug>/", os_list, name="download_os_list"),
        path("", landing, name="download"),
    )
    DOWNLOADS = Domain(..., handlers=mount("downloads/", ROUTES, namespace="download"))

What is named in a pattern reaches the handler as an argument of that name, beside Litestar's own
(`request`) and ours (`db`, `visit`, `show`):

    async def os_list(db: Database, show: Showing, slug: FromUrl) -> Response[bytes]: ...

The first pattern that fits answers, whatever its methods; the
slash at the end counts. Litestar's router cannot say this (it ignores the slash and does not
backtrack), so `site.native_app` resolves the path here and hands the request to the handler.

`methods` are those that the handler answers. What it leaves out is answered as Django's
class-based views do: HEAD as GET without the body, OPTIONS and 405 with `Allow`. `ANY` gives every
method to the handler (Django's function views, Django REST framework), which reads `visit.method`.
Unsafe methods need Django's CSRF token unless `csrf_exempt`. `guards` say who may pass (see
`visitors/guards.py`). What a `kept` route answers to GET is made of nothing but scheme, host, path,
query, the rows of its domain and those that it reads, and what its template asks of others, so that
it may be given to everybody until one of these changes (see `caching/`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.types import AnyCallable, Guard, Scope

ANY: tuple[str, ...] = ("*",)
REDIRECT_VIEW = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
FromUrl = NamedDependency[str]
SCOPE_KEY = "strangler.visit"


@dataclass(frozen=True, slots=True)
class Converter:
    regex: str
    to_python: Callable[[str], Any]


# Django's path converters
CONVERTERS: Mapping[str, Converter] = MappingProxyType(
    {
        "str": Converter("[^/]+", str),
        "int": Converter("[0-9]+", int),
        "slug": Converter("[-a-zA-Z0-9_]+", str),
        "path": Converter(".+", str),
    }
)
_ARGUMENT = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of a URLconf: where, who answers, under which name."""

    source: str
    is_regex: bool
    handler: AnyCallable
    name: str = ""
    methods: tuple[str, ...] = ("GET",)
    csrf_exempt: bool = False
    guards: tuple[Guard, ...] = ()
    kept: bool = False

    def __post_init__(self) -> None:
        if self.kept and self.guards:
            raise ValueError(f"{self.source!r} cannot be kept: its guards look at the visitor")


def path(
    pattern: str,
    handler: AnyCallable,
    *,
    name: str = "",
    methods: tuple[str, ...] = ("GET",),
    csrf_exempt: bool = False,
    guards: tuple[Guard, ...] = (),
    kept: bool = False,
) -> Route:
    """A route in the manner of Django's `path()`: literal text and `<converter:name>`."""
    return Route(
        source=pattern,
        is_regex=False,
        handler=handler,
        name=name,
        methods=methods,
        csrf_exempt=csrf_exempt,
        guards=guards,
        kept=kept,
    )


def re_path(
    pattern: str,
    handler: AnyCallable,
    *,
    name: str = "",
    methods: tuple[str, ...] = ("GET",),
    csrf_exempt: bool = False,
    guards: tuple[Guard, ...] = (),
    kept: bool = False,
) -> Route:
    """A route in the manner of Django's `re_path()`; without a `$` at its end it matches longer
    paths too."""
    plain = path(
        pattern,
        handler,
        name=name,
        methods=methods,
        csrf_exempt=csrf_exempt,
        guards=guards,
        kept=kept,
    )
    return replace(plain, is_regex=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Url:
    """A route where it is mounted. `key` is the Litestar path of its handler."""

    key: str
    regex: re.Pattern[str]
    full: bool
    converters: Mapping[str, Converter]
    reverse_format: str | None
    name: str
    namespace: str
    app_name: str
    methods: tuple[str, ...]
    csrf_exempt: bool
    kept: bool
    first_segment: str | None

    def match(self, path: str) -> dict[str, Any] | None:
        """Arguments for the handler if `path` (without its first slash) fits, else None."""
        found = self.regex.fullmatch(path) if self.full else self.regex.match(path)
        if found is None:
            return None
        arguments = {name: text for name, text in found.groupdict().items() if text is not None}
        if not self.converters:
            return arguments
        try:
            return {name: self.converters[name].to_python(arguments[name]) for name in arguments}
        except ValueError:  # Django: a value that does not convert does not match
            return None

    @property
    def view_name(self) -> str:
        return f"{self.namespace}:{self.name}" if self.namespace else self.name


def mount(
    prefix: str,
    routes: Iterable[Route],
    *,
    namespace: str = "",
    app_name: str = "",
    provides: Mapping[str, Callable[..., object]] = MappingProxyType({}),
) -> tuple[HTTPRouteHandler, ...]:
    """Litestar handlers for `routes` below `prefix` ("downloads/"), as Django's `include()`.

    `provides` is what their handlers take as arguments beside those of the site.
    """
    urls = ((route, _url(prefix, route, namespace, app_name)) for route in routes)
    return tuple(_handler(route, url, provides) for route, url in urls)


def _handler(
    route: Route,
    url: Url,
    provides: Mapping[str, Callable[..., object]],
) -> HTTPRouteHandler:
    arguments = {name: _argument(name) for name in url.regex.groupindex}
    return HTTPRouteHandler(
        url.key,
        http_method="POST",  # any method may have come; POST is the one that may take a body
        status_code=200,
        dependencies={
            name: Provide(provider, sync_to_thread=False)
            for name, provider in {**provides, **arguments}.items()
        },
        guards=route.guards,
        opt={"url": url},
        include_in_schema=False,
    )(route.handler)


def mounted(handler: object) -> HTTPRouteHandler:
    """`handler` if `mount` made it; the native side cannot place any other."""
    if isinstance(handler, HTTPRouteHandler) and "url" in handler.opt:
        return handler
    raise TypeError(f"{handler!r} was not made by mount()")


def _argument(name: str) -> Callable[[Scope], Any]:
    def provide(scope: Scope) -> Any:
        return scope[SCOPE_KEY].arguments[name]  # type: ignore[literal-required]

    return provide


def _url(prefix: str, route: Route, namespace: str, app_name: str) -> Url:
    if route.is_regex:
        regex = re.escape(prefix) + route.source.removeprefix("^")
        converters: dict[str, Converter] = {}
        literal = prefix + _literal_start(route.source)
        reverse_format = _format_of_regex(prefix, route.source)
    else:
        regex, converters, reverse_format = _compile_path(prefix + route.source)
        literal = (prefix + route.source).partition("<")[0]
        if "<" not in route.source:
            literal += "/"  # nothing follows: the segment is whole
    return Url(
        key="/" + quote("|".join((regex, *route.methods)), safe=""),
        regex=re.compile(regex),
        full=not route.is_regex or route.source.endswith("$"),
        converters=MappingProxyType(converters),
        reverse_format=reverse_format,
        name=route.name,
        namespace=namespace,
        app_name=app_name or namespace,
        methods=route.methods,
        csrf_exempt=route.csrf_exempt,
        kept=route.kept,
        first_segment=literal.partition("/")[0] if "/" in literal else None,
    )


def _compile_path(pattern: str) -> tuple[str, dict[str, Converter], str]:
    regex, converters, reverse_format, position = "", {}, "/", 0
    for argument in _ARGUMENT.finditer(pattern):
        literal = pattern[position : argument.start()]
        name, converter = argument["name"], CONVERTERS[argument["converter"] or "str"]
        regex += f"{re.escape(literal)}(?P<{name}>{converter.regex})"
        reverse_format += f"{_escape_braces(literal)}{{{name}}}"
        converters[name] = converter
        position = argument.end()
    rest = pattern[position:]
    return regex + re.escape(rest), converters, reverse_format + _escape_braces(rest)


def _escape_braces(literal: str) -> str:
    return literal.replace("{", "{{").replace("}", "}}")


def _literal_start(regex: str) -> str:
    found = re.match(r"\^?((?:[\w/-]|\\\.)*)(?![?*{])", regex)
    return found[1].replace("\\.", ".") if found else ""


def _format_of_regex(prefix: str, regex: str) -> str | None:
    """The shortest text that a simple regex matches (Django: zero times what is optional), as a
    format string; None where it is not simple enough to be reversed."""
    text = regex.removeprefix("^").removesuffix("$").replace("/?", "")
    text = re.sub(r"\(\?P<(\w+)>[^()]+\)", r"{\1}", text)
    text = re.sub(r"\\([.\-/])", r"\1", text)
    return None if re.search(r"[\\()\[\]*+?|^$]", text) else f"/{prefix}{text}"
