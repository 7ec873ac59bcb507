"""`{% load l10n %}`: numbers and dates in the language's format, or not."""

from typing import Any

from legacy_bridge.templates.convert.calls import switch_syntax
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context

l10n = Library("l10n")


@l10n.filter("localize", takes_context=True)
def localize(context: Context, value: Any) -> str:
    return str(context.environment.locale.localize(value, True, context.language))


@l10n.filter("unlocalize", takes_context=True)
def unlocalize(context: Context, value: Any) -> str:
    return str(context.environment.locale.localize(value, False, context.language))


l10n.tag("localize")(switch_syntax("localize"))


@l10n.function("localize", takes_context=True, takes_body=True, is_final=True)
def localized(context: Context, body: Body, on: bool) -> str:
    before = context.switch(use_l10n=on)
    try:
        return body(context)
    finally:
        context.switch(**before)
