"""Set-Cookie read as a browser reads it (RFC 6265, 5.2), and compared attribute by attribute."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from proxy.parity.canon import Canon
from proxy.parity.finding import Findings
from proxy.parity.rules import Place, Spot

_OCTAL = re.compile(r"[0-3][0-7]{2}")


@dataclass(frozen=True, slots=True)
class Cookie:
    """`attributes` by lower-case name; those without a value have the empty text."""

    name: str
    value: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def read(lines: Iterable[str], at: float, skew: float) -> dict[str, Cookie]:
    """By name. `expires` becomes what it means: as old as the request plus `max-age`, or past."""
    return {cookie.name: cookie for cookie in (_read(line, at, skew) for line in lines)}


def _read(line: str, at: float, skew: float) -> Cookie:
    first, *rest = line.split(";")
    name, _, value = first.partition("=")
    attributes = {}
    for part in rest:
        key, _, said = part.partition("=")
        attributes[key.strip().lower()] = said.strip()
    if "expires" in attributes:
        age = attributes.get("max-age", "")
        attributes["expires"] = _expiry(attributes["expires"], age, at, skew)
    if "samesite" in attributes:
        attributes["samesite"] = attributes["samesite"].lower()
    return Cookie(name.strip(), _unquoted(value.strip()), attributes)


def _unquoted(value: str) -> str:
    """Python quotes values with octets that a cookie may not have, and writes these in octal."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    parts = value[1:-1].split("\\")
    return parts[0] + "".join(_unescaped(part) for part in parts[1:])


def _unescaped(part: str) -> str:
    return chr(int(part[:3], 8)) + part[3:] if _OCTAL.match(part) else part


def _expiry(written: str, max_age: str, at: float, skew: float) -> str:
    try:
        moment = parsedate_to_datetime(written.replace("-", " ")).replace(tzinfo=UTC).timestamp()
    except (ValueError, TypeError):
        return written
    if max_age.isdigit() and abs(moment - at - int(max_age)) <= skew + 1:
        return "with max-age"
    return "past" if moment < at - skew else written


def compare_cookies(
    control: Mapping[str, Cookie], candidate: Mapping[str, Cookie], canon: Canon, findings: Findings
) -> None:
    for name in [*control, *(name for name in candidate if name not in control)]:
        one, other = control.get(name), candidate.get(name)
        path = f"cookie:{name}"
        if one is None or other is None:
            values = (None if cookie is None else cookie.value for cookie in (one, other))
            findings.cookie(path, *values)
            continue
        if not canon.same(one.value, other.value, Spot(Place.COOKIE, name)):
            findings.cookie(f"{path}:value", one.value, other.value)
        for attribute in sorted({*one.attributes, *other.attributes}):
            _compare(path, attribute, one.attributes, other.attributes, canon, findings)


def _compare(
    path: str,
    attribute: str,
    control: Mapping[str, str],
    candidate: Mapping[str, str],
    canon: Canon,
    findings: Findings,
) -> None:
    one, other = control.get(attribute), candidate.get(attribute)
    where = f"{path}:{attribute}"
    if one is None or other is None:
        findings.one_sided(where, one, other)
    elif not canon.same(one, other, Spot(Place.HEADER, "set-cookie")):
        findings.differs(where, one, other)
