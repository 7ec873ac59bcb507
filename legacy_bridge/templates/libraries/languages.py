"""The tags and filters of `{% load i18n %}` about languages themselves."""

from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import call, printed
from legacy_bridge.templates.declarations import Syntax
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.libraries.i18n import i18n
from legacy_bridge.templates.rendering.context import Context

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

__all__ = ["i18n"]


def _asked(name: str) -> Syntax:
    """`{% get_… as name %}`"""

    def convert(converter: "Converter", tag: "Tag") -> str:
        if len(tag.words) != 3 or tag.words[1] != "as":
            raise TagFault(
                f"'{name}' requires 'as variable' (got {tag.words!r})",
                f"write {{% {name} as name %}}",
            )
        return printed(call(name, []), tag.words[2])

    return convert


def _asked_for(name: str, what: str) -> Syntax:
    """`{% get_… for value as name %}`"""

    def convert(converter: "Converter", tag: "Tag") -> str:
        words = tag.words
        if len(words) != 5 or words[1] != "for" or words[3] != "as":
            raise TagFault(
                f"'{name}' requires 'for {what} as variable' (got {words[1:]!r})",
                f"write {{% {name} for value as name %}}",
            )
        return printed(call(name, [converter.value(words[2])]), words[4])

    return convert


for _name in ("get_available_languages", "get_current_language", "get_current_language_bidi"):
    i18n.tag(_name)(_asked(_name))
i18n.tag("get_language_info")(_asked_for("get_language_info", "string"))
i18n.tag("get_language_info_list")(_asked_for("get_language_info_list", "sequence"))


@i18n.function("get_available_languages", takes_context=True)
def get_available_languages(context: Context) -> list[tuple[str, str]]:
    locale = context.environment.locale
    return [(code, locale.translate(name, context.language)) for code, name in locale.languages]


@i18n.function("get_current_language", takes_context=True)
def get_current_language(context: Context) -> str:
    return context.language or context.environment.locale.present_language


@i18n.function("get_current_language_bidi", takes_context=True)
def get_current_language_bidi(context: Context) -> bool:
    return bool(context.environment.locale.info(get_current_language(context))["bidi"])


@i18n.function("get_language_info", takes_context=True)
def get_language_info(context: Context, code: Any) -> dict[str, Any]:
    return context.environment.locale.info(str(code))


@i18n.function("get_language_info_list", takes_context=True)
def get_language_info_list(context: Context, codes: Any) -> list[dict[str, Any]]:
    locale = context.environment.locale
    return [locale.info(str(one if isinstance(one, str) else one[0])) for one in codes]


@i18n.filter("language_name", takes_context=True)
def language_name(context: Context, code: Any) -> Any:
    return context.environment.locale.info(code)["name"]


@i18n.filter("language_name_translated", takes_context=True)
def language_name_translated(context: Context, code: Any) -> str:
    locale = context.environment.locale
    return locale.translate(locale.info(code)["name"], context.language)


@i18n.filter("language_name_local", takes_context=True)
def language_name_local(context: Context, code: Any) -> Any:
    return context.environment.locale.info(code)["name_local"]


@i18n.filter("language_bidi", takes_context=True)
def language_bidi(context: Context, code: Any) -> Any:
    return context.environment.locale.info(code)["bidi"]
