"""The URL patterns, as the tree and in the order in which Django tries them.

    {"kind": "path", "source": "<slug:label>/", "converters": {"label": "django.urls…Slug…"},
     "name": "box", "view": "site.boxes.views.box", "app": "boxes"}
    {"kind": "path", "source": "downloads/", "include": "site.downloads.urls",
     "namespace": "download", "app_name": "downloads", "patterns": [...]}

`kind` is `path`, `regex` (`re_path()`) or `language` (`i18n_patterns()`). What is empty is left
out. `converters` names classes, which the table of converters describes.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import URLResolver, converters, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern
from django.utils import translation
from django.utils.functional import Promise

from legacy_bridge.exporter.values import dotted, text_of
from legacy_bridge.exporter.views import app_label, view_name
from legacy_bridge.exporter.withholding import Withheld

_BUILT_IN = {
    "int": converters.IntConverter,
    "path": converters.PathConverter,
    "slug": converters.SlugConverter,
    "str": converters.StringConverter,
    "uuid": converters.UUIDConverter,
}


def exported_urls(withheld: Withheld) -> dict[str, Any]:
    """The urlconf's name, its tree, and the converters that the tree uses."""
    used = Converters()
    with translation.override(settings.LANGUAGE_CODE):
        tree = [_node(entry, withheld, used) for entry in get_resolver().url_patterns]
    return {
        "urlconf": text_of(settings.ROOT_URLCONF),
        "converters": dict(sorted(used.described.items())),
        "patterns": tree,
    }


class Converters:
    """The converters met so far: `described` has for each name what it does.

    Names are those of classes; a second class of the same name gets a number after it.
    """

    def __init__(self) -> None:
        self.described: dict[str, dict[str, Any]] = {}

    def name(self, converter: Any) -> str:
        told = {"regex": text_of(converter.regex), "like": _built_in(converter)}
        base = name = dotted(converter)
        number = 1
        while self.described.setdefault(name, told) != told:
            number += 1
            name = f"{base}#{number}"
        return name


def _built_in(converter: Any) -> str | None:
    """The built-in converter whose values and texts are the same; None where they are its own."""
    kind = type(converter)
    for name, built_in in _BUILT_IN.items():
        if issubclass(kind, built_in) and all(
            getattr(kind, method) is getattr(built_in, method) for method in ("to_python", "to_url")
        ):
            return name
    return None


def _node(entry: Any, withheld: Withheld, used: Converters) -> dict[str, Any]:
    node = _pattern(entry.pattern, used)
    if isinstance(entry, URLResolver):
        node.update(_include(entry), **withheld.shown("defaults", entry.default_kwargs))
        node["patterns"] = [_node(each, withheld, used) for each in entry.url_patterns]
        return node
    if entry.name is not None:
        node["name"] = text_of(entry.name)
    node["view"] = view_name(entry.callback)
    node["app"] = app_label(entry.callback)
    node.update(withheld.shown("defaults", entry.default_args))
    return node


def _pattern(pattern: Any, used: Converters) -> dict[str, Any]:
    if isinstance(pattern, LocalePrefixPattern):
        return {
            "kind": "language",
            "source": "",
            "prefix_default": pattern.prefix_default_language,
        }
    if not isinstance(pattern, RoutePattern):
        # A kind of somebody else's is told by the regex that it matches with.
        source = getattr(pattern, "_regex", None)
        return {"kind": "regex", **_source(pattern.regex.pattern if source is None else source)}
    node = {"kind": "path", **_source(pattern._route)}
    # Reversing leaves the converters of outer patterns there as well.
    own = {name: used.name(pattern.converters[name]) for name in pattern.regex.groupindex}
    return {**node, "converters": own} if own else node


def _source(source: Any) -> dict[str, Any]:
    """The pattern as written; of a translated one also what it is in the site's languages."""
    node: dict[str, Any] = {"source": text_of(source)}
    if isinstance(source, Promise):
        texts = {}
        for code, _ in settings.LANGUAGES:
            with translation.override(code):
                texts[text_of(code)] = text_of(source)
        node["translations"] = texts
    return node


def _include(entry: URLResolver) -> dict[str, Any]:
    node: dict[str, Any] = {}
    module = entry.urlconf_name
    if isinstance(module, str):
        node["include"] = module
    elif isinstance(module, ModuleType):
        node["include"] = module.__name__
    if "include" in node:
        config = apps.get_containing_app_config(node["include"])
        node["app"] = config.label if config else None
    if entry.namespace:
        node["namespace"] = text_of(entry.namespace)
    if entry.app_name:
        node["app_name"] = text_of(entry.app_name)
    return node
