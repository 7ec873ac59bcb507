"""What the tests' tag libraries declare with Django's decorators, declared with ours."""

from collections.abc import Callable
from typing import Any

from django.template import library as django_library
from django.template.base import Token, TokenType

from legacy_bridge.templates.convert.calls import printed
from legacy_bridge.templates.declarations import Filter, Function, filter_of
from legacy_bridge.templates.library import Library

NODES: dict[str, Function] = {}
"""What the nodes of the tests' own tags run, by the name that converted templates call."""

OURS = {
    "django.template.defaulttags",
    "django.template.defaultfilters",
    "django.template.loader_tags",
    "django.templatetags.cache",
    "django.templatetags.i18n",
    "django.templatetags.l10n",
    "django.templatetags.static",
    "django.templatetags.tz",
    "django.contrib.staticfiles.templatetags.staticfiles",
}
"""Modules whose tags and filters are ours already."""


def record() -> None:
    """From now on Django's libraries remember how each tag was declared."""
    original = django_library.Library

    def simple_tag(self: Any, func: Any = None, takes_context: Any = None, name: Any = None) -> Any:
        return _remembered(
            self, "simple_tag", _simple_tag, func, takes_context=takes_context, name=name
        )

    def simple_block_tag(
        self: Any,
        func: Any = None,
        takes_context: Any = None,
        name: Any = None,
        end_name: Any = None,
    ) -> Any:
        return _remembered(
            self,
            "simple_block_tag",
            _simple_block_tag,
            func,
            takes_context=takes_context,
            name=name,
            end_name=end_name,
        )

    def inclusion_tag(
        self: Any, filename: Any, func: Any = None, takes_context: Any = None, name: Any = None
    ) -> Any:
        def declare(function: Any) -> Any:
            declared = _inclusion_tag(self, filename, function, takes_context, name)
            _kept(self).append(
                lambda ours: ours.inclusion_tag(
                    filename,
                    name=name or _name(function),
                    takes_context=bool(takes_context),
                )(function)
            )
            return declared

        return declare(func) if func is not None else declare

    _simple_tag = original.simple_tag
    _simple_block_tag = original.simple_block_tag
    _inclusion_tag = original.inclusion_tag
    original.simple_tag = simple_tag
    original.simple_block_tag = simple_block_tag
    original.inclusion_tag = inclusion_tag


def _remembered(
    library: Any, kind: str, original: Callable[..., Any], func: Any, **options: Any
) -> Any:
    def declare(function: Any) -> Any:
        result = original(library, function, **options)
        ours = {key: value for key, value in options.items() if value is not None}
        ours.setdefault("name", _name(function))
        _kept(library).append(lambda target: getattr(target, kind)(**ours)(function))
        return result

    if func is None:
        original(library, None, **options)
        return declare
    return declare(func)


def _name(function: Any) -> str:
    return str(getattr(function, "_decorated_function", function).__name__)


def _kept(library: Any) -> list[Callable[[Library], Any]]:
    kept: list[Callable[[Library], Any]] = library.__dict__.setdefault("_declared_with", [])
    return kept


def converted(name: str, library: Any) -> Library:
    """Our library with what a Django library has; tags with a parser of their own stay unknown."""
    ours = Library(name)
    for key, function in library.filters.items():
        ours.filters[key] = _filter(function)
    for declare in _kept(library):
        declare(ours)
    for key, compile_function in library.tags.items():
        if key not in ours.tags:
            _declare_node(ours, key, compile_function)
    return ours


def _declare_node(ours: Library, key: str, compile_function: Callable[..., Any]) -> None:
    """A tag that compiles to a node of its own: the node renders itself."""

    def convert(converter: Any, tag: Any) -> str:
        token = Token(TokenType.BLOCK, tag.content, lineno=tag.line)
        node = compile_function(_NoParser(), token)
        name = f"node_{id(node)}"
        call = Function(node.render, takes_context=True, is_final=True)
        # Each template of the tests is compiled once, so that the name is for this one.
        NODES[name] = call
        return printed(f"{name}()")

    ours.tags[key] = convert


class _NoParser:
    """No tag of these asks anything of it but to leave attributes there."""

    def __init__(self) -> None:
        self.extra_data: dict[str, Any] = {}


def _filter(function: Any) -> Filter:
    flags = {
        flag: bool(getattr(function, flag, False))
        for flag in ("is_safe", "needs_autoescape", "expects_localtime")
    }
    return filter_of(function, **flags)
