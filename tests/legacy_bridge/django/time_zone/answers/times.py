"""What a template prints of a value in a visitor's zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template import Context, Template
from django.test.utils import override_settings
from django.utils import timezone


def printed(
    template: str, zone: str, moment: str | None = None, value: Any = None, use_tz: bool = True
) -> str:
    """`moment` is written in ISO 8601; `value` is anything else. `zone` is the visitor's."""
    shown = value if moment is None else datetime.fromisoformat(moment)
    with override_settings(USE_TZ=use_tz), timezone.override(ZoneInfo(zone)):
        return str(Template("{% load tz %}" + template).render(Context({"value": shown})))


def zone_name(zone: str | None) -> str:
    """Of the visitor's zone; None is a visitor without one."""
    with timezone.override(zone and ZoneInfo(zone)):
        return str(timezone.get_current_timezone_name())
