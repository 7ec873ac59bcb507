"""`{% load static %}`: the addresses of static files and uploads."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin

from legacy_bridge.templates.convert.calls import call, kept, printed
from legacy_bridge.templates.declarations import Syntax
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

static = Library("static")


@static.tag("static")
def _static(converter: "Converter", tag: "Tag") -> str:
    words, name = kept(tag.words)
    if len(words) < 2:
        raise TagFault(
            "'static' takes at least one argument (path to file)", 'write {% static "a.css" %}'
        )
    return printed(call("static", [converter.value(words[1])]), name)


def _prefix(name: str) -> Syntax:
    def convert(converter: "Converter", tag: "Tag") -> str:
        words = tag.words
        if len(words) > 1 and words[1] != "as":
            raise TagFault(
                f"First argument in '{name}' must be 'as'", f"write {{% {name} as name %}}"
            )
        return printed(call(name, []), words[2] if len(words) > 2 else None)

    return convert


for _name in ("get_static_prefix", "get_media_prefix"):
    static.tag(_name)(_prefix(_name))


@static.function("static", takes_context=True)
def static_path(context: Context, path: Any) -> str:
    """By the site's function, else below `static_url`."""
    site = context.environment.site
    if site.static is not None:
        return site.static(str(path))
    return _joined(site.static_url, str(path))


@lru_cache(maxsize=1024)
def _joined(prefix: str, path: str) -> str:
    """Every page has the same few."""
    return urljoin(_encoded(prefix), quote(path))


@static.function("get_static_prefix", takes_context=True, is_final=True)
def get_static_prefix(context: Context) -> str:
    return _encoded(context.environment.site.static_url)


@static.function("get_media_prefix", takes_context=True, is_final=True)
def get_media_prefix(context: Context) -> str:
    return _encoded(context.environment.site.media_url)


def _encoded(url: str) -> str:
    return quote(url, safe="/#%[]=:;$&()+,!?*@'~")
