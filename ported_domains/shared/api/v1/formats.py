"""In which format an answer is written, and how (api.md B.6)."""

import json
from collections.abc import Callable
from enum import Enum
from typing import Any

from ported_domains.shared.api.parameters import Parameters
from ported_domains.shared.api.v1.faults import BadRequestError
from ported_domains.shared.api.v1.xml import to_xml
from ported_domains.shared.api.v1.yaml import to_yaml


class Format(Enum):
    """Each with its media type; of two that suit a caller equally, the first counts."""

    JSON = "application/json"
    XML = "application/xml"
    YAML = "text/yaml"

    @property
    def content_type(self) -> str:
        return self.value if self is Format.JSON else f"{self.value}; charset=utf-8"


_NAMED = {one.name.lower(): one for one in Format}


def negotiate(parameters: Parameters, accept: str | None) -> Format:
    """The format asked for by name, else the best that `Accept` admits, else JSON.

    Raises `BadRequestError` for an `Accept` that is none.
    """
    named = _NAMED.get(parameters.get("format") or "")
    if named is not None:
        return named
    if accept is None or accept == "*/*":
        return Format.JSON
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    quality, best = max(
        ((_quality(one.value, ranges), one) for one in Format), key=lambda pair: pair[0]
    )
    return best if quality[0] else Format.JSON


def negotiate_error(parameters: Parameters, accept: str | None) -> Format:
    """As `negotiate`, but an error is always written somehow."""
    if "callback" in parameters:
        return Format.JSON
    try:
        return negotiate(parameters, accept)
    except BadRequestError:
        return Format.JSON


def render(data: Any, wanted: Format) -> bytes:
    return _WRITERS[wanted](data)


_MediaRange = tuple[str, str, float]


def _media_range(text: str) -> _MediaRange:
    full, *parameters = (part.strip() for part in text.split(";"))
    main, slash, sub = ("*/*" if full == "*" else full).partition("/")
    if not slash or "/" in sub:
        raise BadRequestError("Invalid Accept header")
    return main.strip(), sub.strip(), _q(parameters)


def _q(parameters: list[str]) -> float:
    """A weight that is missing, no number or out of range counts as 1."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                q = float(value.strip().strip('"'))
            except ValueError:
                return 1.0
            return q if 0 <= q <= 1 else 1.0
    return 1.0


def _quality(media_type: str, ranges: list[_MediaRange]) -> tuple[float, int]:
    """Weight and fitness of the range that fits most closely; of equals, the first."""
    main, sub = media_type.split("/")
    quality, fitness = 0.0, -1
    for range_main, range_sub, q in ranges:
        if range_main in (main, "*") and range_sub in (sub, "*"):
            fit = 100 * (range_main == main) + 10 * (range_sub == sub)
            if fit > fitness:
                quality, fitness = q, fit
    return quality, fitness


_encode_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def _to_json(data: Any) -> bytes:
    return _encode_json(data).encode()


_WRITERS: dict[Format, Callable[[Any], bytes]] = {
    Format.JSON: _to_json,
    Format.XML: to_xml,
    Format.YAML: to_yaml,
}
