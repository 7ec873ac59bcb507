"""`{% load l10n %}`: numbers and dates in the language's format, or not."""

from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import block
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

l10n = Library("l10n")


@l10n.filter("localize", takes_context=True)
def localize(context: Context, value: Any) -> str:
    return str(context.environment.locale.localize(value, True, context.language))


@l10n.filter("unlocalize", takes_context=True)
def unlocalize(context: Context, value: Any) -> str:
    return str(context.environment.locale.localize(value, False, context.language))


@l10n.tag("localize")
def _localize(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) > 2 or (len(tag.words) == 2 and tag.words[1] not in ("on", "off")):
        raise TagFault(f"{tag.name!r} argument should be 'on' or 'off'", "write {% localize off %}")
    called = "localize(False)" if tag.words[1:] == ["off"] else "localize(True)"
    return block(called, converter.body(tag, "endlocalize"))


@l10n.function("localize", takes_context=True, takes_body=True, is_final=True)
def localized(context: Context, body: Body, on: bool) -> str:
    before = context.switch(use_l10n=on)
    try:
        return body(context)
    finally:
        context.switch(**before)
