"""What may differ from one answer to the next without anybody minding, each under a name.

A rule finds a volatile value by its exact form and puts a name in its place. A value that is absent
on one side, or has not the form, keeps its own text and so stays a difference.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from proxy.parity.moments import without_now
from proxy.parity.signed import SIGNED, without_signature


class Place(StrEnum):
    """Where in an answer a text stands. What `Spot.name` is in each."""

    TEXT = "text"  # empty
    SCRIPT = "script"  # empty
    ATTRIBUTE = "attribute"  # element[its name]@attribute, such as input[csrfmiddlewaretoken]@value
    JSON = "json"  # the last key
    COOKIE = "cookie"  # the cookie's name
    HEADER = "header"  # the field's name, lower-case


@dataclass(frozen=True, slots=True)
class Spot:
    place: Place
    name: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When the request was made, and how far a "now" may be away from that; seconds."""

    at: float
    skew: float


Change = Callable[[str, Moment], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """`names` must match the spot's name in full, in any case; None: any name."""

    name: str
    why: str
    places: frozenset[Place]
    change: Change
    names: re.Pattern[str] | None = None

    def holds(self, spot: Spot) -> bool:
        if spot.place not in self.places:
            return False
        return self.names is None or bool(self.names.fullmatch(spot.name))


def _put(pattern: str, text: str, flags: int = 0) -> Change:
    compiled = re.compile(pattern, flags)
    return lambda value, _: compiled.sub(text, value)


def _names(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


ANYWHERE = frozenset(Place)
PAGE = frozenset((Place.TEXT, Place.SCRIPT, Place.ATTRIBUTE))
_CSRF = r"[A-Za-z0-9]{64}|[A-Za-z0-9]{32}"
_FILES = r"css|js|mjs|json|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|pdf"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_RANDOM = rf"(?:{_UUID}|(?=[0-9a-f]*[a-f])(?=[a-f]*\d)[0-9a-f]{{12,40}})(?![0-9A-Za-z])"

RULES: tuple[Rule, ...] = (
    Rule(
        "csrf-token",
        "a CSRF token is masked anew for each page; 32 or 64 letters and digits",
        frozenset((Place.ATTRIBUTE, Place.JSON, Place.COOKIE, Place.HEADER)),
        _put(rf"\A(?:{_CSRF})\Z", "{csrf token}"),
        _names(r"(?:input|meta)\[.*csrf.*\]@(?:value|content)|.*csrf[^\]]*|.*@data-csrf[\w-]*"),
    ),
    Rule(
        "csrf-token-in-script",
        "the same, given to a script or to htmx as a property with csrf in its name",
        frozenset((Place.SCRIPT, Place.ATTRIBUTE)),
        _put(
            rf"""(csrf[\w-]{{0,40}}(?:\[\])?["']?\s*[:=,]\s*["'])(?:{_CSRF})(?=["'])""",
            r"\1{csrf token}",
            re.IGNORECASE,
        ),
    ),
    Rule(
        "nonce",
        "scripts and styles are allowed by a nonce made for each answer",
        frozenset((Place.ATTRIBUTE,)),
        _put(r"\A[\w+/=-]{8,}\Z", "{nonce}"),
        _names(r".*@nonce"),
    ),
    Rule(
        "nonce-in-policy",
        "the same nonce in Content-Security-Policy, as header or meta element",
        frozenset((Place.HEADER, Place.ATTRIBUTE)),
        _put(r"'nonce-[\w+/=-]{8,}'", "'nonce-{nonce}'"),
        _names(r"content-security-policy(?:-report-only)?|meta\[.*\]@content"),
    ),
    Rule(
        "session-id",
        "the key of a session that the answer begins or renews; 32 letters and digits",
        frozenset((Place.COOKIE,)),
        _put(r"\A[a-z0-9]{32}\Z", "{session}"),
        _names(r".*sess.*"),
    ),
    Rule(
        "session-in-cookie",
        "a session kept in a signed cookie, whose content has times in it",
        frozenset((Place.COOKIE,)),
        _put(r"\A[\w.=-]+:[0-9A-Za-z]{6}:[\w-]{43}\Z", "{signed session}"),
        _names(r".*sess.*"),
    ),
    Rule(
        "signed-value",
        "signed values and messages: payloads are compared, time and signature are not",
        ANYWHERE,
        lambda value, _: SIGNED.sub(without_signature, value),
    ),
    Rule(
        "reset-token",
        "the token of a link to reset a password or to confirm an address",
        PAGE | {Place.JSON, Place.HEADER},
        _put(r"(?<![\w-])[a-z0-9]{6}-[0-9a-f]{32}(?![\w-])", "{reset token}"),
    ),
    Rule(
        "now",
        "a time that is the time of the request, in the formats that pages use",
        ANYWHERE,
        lambda value, moment: without_now(value, moment.at, moment.skew),
    ),
    Rule(
        "debug-toolbar",
        "Django's debug toolbar numbers what it has stored",
        frozenset((Place.ATTRIBUTE,)),
        _put(r"[0-9a-f]{32}|" + _UUID, "{stored}"),
        _names(r".*@data-(?:store|request)-id|.*@data-[\w-]*url"),
    ),
    Rule(
        "random-id",
        "ids of elements, and what refers to them, made at random for each page",
        frozenset((Place.ATTRIBUTE,)),
        _put(r"(?<![0-9A-Za-z])" + _RANDOM, "{id}"),
        _names(r".*@(?:id|for|list|form|headers|aria-\w+|data-(?:bs-)?target)"),
    ),
    Rule(
        "random-id-in-link",
        "links within the page to such an id",
        frozenset((Place.ATTRIBUTE,)),
        _put(r"(#[\w-]{0,40}?)(?<![0-9A-Za-z])" + _RANDOM, r"\1{id}"),
        _names(r".*@href"),
    ),
    Rule(
        "cache-busting-query",
        "static files carry a version or a time in their query",
        frozenset((Place.ATTRIBUTE,)),
        _put(rf"(\.(?:{_FILES}))\?[^#\s\"',]*", r"\1", re.IGNORECASE),
        _names(r".*@(?:src|href|srcset|content|poster|data-src(?:set)?)"),
    ),
    Rule(
        "cache-busting-name",
        "static files carry a hash of their content in their name",
        frozenset((Place.ATTRIBUTE, Place.TEXT, Place.SCRIPT)),
        _put(rf"\.[0-9a-f]{{8,20}}(\.(?:{_FILES})\b)", r".{hash}\1", re.IGNORECASE),
    ),
)
"""In the order in which they are applied."""
