"""Whether JSON will do, and how it is written (api.md C.1)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from ported_domains.shared.api.v2.faults import no_such_format, not_acceptable

JSON = "application/json"
FORMAT = "json"
MOST_INDENTED = 8

_encode = msgspec.json.Encoder().encode
_LINE_SEPARATORS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"))


@dataclass(frozen=True, slots=True)
class _MediaRange:
    main: str
    sub: str
    parameters: dict[str, str]

    @property
    def precedence(self) -> int:
        if self.main == "*":
            return 0
        if self.sub == "*":
            return 1
        return 2 if not self.parameters.keys() - {"q"} else 3

    @property
    def admits_json(self) -> bool:
        return self.main in ("application", "*") and self.sub in ("json", "*")


def negotiate(suffix: str | None, wanted: str | None, accept: str | None) -> int | None:
    """Spaces by which each level is indented, or None for compact JSON; asked for as in
    `Accept: application/json; indent=4`. Weights (`q`) do not count, as on the legacy side.

    `suffix` stood in the path, `wanted` is the parameter `format`. Raises `FaultError`.
    """
    if (suffix or wanted or FORMAT) != FORMAT:
        raise no_such_format()
    ranges = list(_media_ranges("*/*" if accept is None else accept))
    for precedence in (3, 2, 1, 0):
        for one in ranges:
            if one.precedence == precedence and one.admits_json:
                return _indent(one)
    raise not_acceptable()


def render(data: Any, indent: int | None = None) -> bytes:
    """JSON; the line separators that JavaScript minds are escaped."""
    if indent is None:
        text = _encode(data)
    else:
        text = json.dumps(data, indent=indent, ensure_ascii=False, default=_plain).encode()
    for raw, escaped in _LINE_SEPARATORS:
        text = text.replace(raw, escaped)
    return text


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _media_ranges(accept: str) -> Iterator[_MediaRange]:
    for token in accept.split(","):
        full, *parameters = token.strip().split(";")
        main, _, sub = full.strip().lower().partition("/")
        pairs = (parameter.partition("=") for parameter in parameters)
        yield _MediaRange(
            main,
            sub,
            {
                name.strip().lower(): _unquoted(value.strip())
                for name, equals, value in pairs
                if equals
            },
        )


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _indent(one: _MediaRange) -> int | None:
    try:
        return max(min(int(one.parameters["indent"]), MOST_INDENTED), 0) or None
    except (KeyError, ValueError):
        return None
