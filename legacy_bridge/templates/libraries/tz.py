"""`{% load tz %}`: the time zone of what is printed."""

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from legacy_bridge.django.time_zone import in_zone, name_of
from legacy_bridge.templates.convert.calls import block, call, printed, switch_syntax
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

tz = Library("tz")


@tz.filter("localtime", takes_context=True)
def localtime(context: Context, value: Any) -> Any:
    return _in_zone(context, value, context.environment.locale.current_zone(context))


@tz.filter("utc", takes_context=True)
def utc(context: Context, value: Any) -> Any:
    return _in_zone(context, value, UTC)


@tz.filter("timezone", takes_context=True)
def timezone(context: Context, value: Any, zone: Any) -> Any:
    """In a zone given as a name or a `tzinfo`; an empty text where there is no such zone."""
    return _in_zone(context, value, zone)


def _in_zone(context: Context, value: Any, zone: Any) -> Any:
    try:
        return in_zone(value, zone, context.environment.locale.zone)
    except OverflowError:  # before the first year, or after the last
        return ""


tz.tag("localtime")(switch_syntax("localtime"))


@tz.tag("timezone")
def _timezone(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault(
            "'timezone' takes one argument (timezone)", 'write {% timezone "Europe/Paris" %}'
        )
    called = call("timezone", [converter.value(tag.words[1])])
    return block(called, converter.body(tag, "endtimezone"))


@tz.tag("get_current_timezone")
def _get_current_timezone(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 3 or tag.words[1] != "as":
        raise TagFault(
            f"'get_current_timezone' requires 'as variable' (got {tag.words!r})",
            "write {% get_current_timezone as name %}",
        )
    return printed("get_current_timezone()", tag.words[2])


@tz.function("localtime", takes_context=True, takes_body=True, is_final=True)
def localtime_block(context: Context, body: Body, on: bool) -> str:
    return _switched(context, body, use_tz=on)


@tz.function("timezone", takes_context=True, takes_body=True, is_final=True)
def timezone_block(context: Context, body: Body, zone: Any) -> str:
    locale = context.environment.locale
    found = locale.zone if zone is None else zone
    if isinstance(found, str):
        found = ZoneInfo(found)
    with locale.being_in(zone):
        return _switched(context, body, timezone=found)


def _switched(context: Context, body: Body, **values: Any) -> str:
    before = context.switch(**values)
    try:
        return body(context)
    finally:
        context.switch(**before)


@tz.function("get_current_timezone", takes_context=True)
def get_current_timezone(context: Context) -> str:
    return name_of(context.environment.locale.current_zone(context))
