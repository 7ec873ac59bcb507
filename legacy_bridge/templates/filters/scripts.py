"""`json_script`: a value as JSON inside of HTML."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from legacy_bridge.templates.filters.library import filters
from legacy_bridge.templates.safe import SafeString, conditional_escape

_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@filters.filter("json_script", is_safe=True)
def json_script(value: Any, element_id: Any = None) -> SafeString:
    text = json.dumps(value, default=_written).translate(_ESCAPES)
    identity = f'id="{conditional_escape(element_id)}" ' if element_id else ""
    return SafeString(f'<script {identity}type="application/json">{text}</script>')


def _written(value: object) -> str:
    """What JSON has no type for, as ECMA-262 writes it; raises `TypeError` for the rest."""
    match value:
        case datetime():
            text = value.isoformat()
            if value.microsecond:
                text = text[:23] + text[26:]
            return f"{text[:-6]}Z" if text.endswith("+00:00") else text
        case date():
            return value.isoformat()
        case time():
            if value.utcoffset() is not None:
                raise ValueError("JSON can't represent timezone-aware times.")
            return value.isoformat()[:12] if value.microsecond else value.isoformat()
        case timedelta():
            return _duration(value)
        case Decimal() | UUID():
            return str(value)
    if hasattr(value, "__html__") or hasattr(value, "_proxy____args"):
        return str(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _duration(value: timedelta) -> str:
    sign, amount = ("-", -value) if value < timedelta(0) else ("", value)
    hours, rest = divmod(amount.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{amount.microseconds:06d}" if amount.microseconds else ""
    return f"{sign}P{amount.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"
