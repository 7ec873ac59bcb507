"""`{% load cache %}`: a part of a page, kept for a while."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import block, call
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

cache = Library("cache")


@cache.tag("cache")
def _cache(converter: "Converter", tag: "Tag") -> str:
    body_words = list(tag.words)
    if len(body_words) < 3:
        raise TagFault(
            "'cache' tag requires at least 2 arguments.", "write {% cache 500 sidebar %}"
        )
    using = ""
    if len(body_words) > 3 and body_words[-1].startswith("using="):
        using = converter.value(body_words.pop().removeprefix("using="))
    arguments = [
        converter.value(body_words[1]),
        quoting.string(body_words[2]),
        *(converter.value(word) for word in body_words[3:]),
    ]
    named = [("using", using)] if using else []
    return block(call("cache", arguments, named), converter.body(tag, "endcache"))


@cache.function("cache", takes_context=True, takes_body=True, is_final=True)
def cached(
    context: Context, body: Body, seconds: Any, name: str, *vary: Any, using: Any = None
) -> str:
    """The body, from the store if it is there. One entry for each combination of `vary`."""
    lifetime = _seconds(seconds)
    try:
        store = context.environment.site.fragments(str(using) if using else None)
    except LookupError as error:
        raise RenderingError(str(error)) from None
    key = fragment_key("".join(name), vary)
    found = store.get(key)
    if found is None:
        found = body(context)
        store.set(key, found, lifetime)
    return SafeString(found)


def _seconds(given: Any) -> float | None:
    if given is None:
        return None
    try:
        return int(given)
    except (ValueError, TypeError):
        raise RenderingError(f"'cache' tag got a non-integer timeout value: {given!r}") from None


def fragment_key(name: str, vary: Iterable[Any]) -> str:
    """Django's key of a part, so that `make_template_fragment_key` there names the same one."""
    digest = hashlib.md5(usedforsecurity=False)
    for value in vary:
        digest.update(str(value).encode())
        digest.update(b":")
    return f"template.cache.{name}.{digest.hexdigest()}"
