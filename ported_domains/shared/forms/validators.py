"""Checks of one value with Django's answers; each raises ValidationError or returns nothing."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from ported_domains.shared.forms.errors import ValidationError

Validator = Callable[[Any], None]

MAX_EMAIL = 320
"""RFC 3696 section 3."""
MAX_URL = 2048
MAX_IPV6 = 39
"""Eight groups of four. An embedded IPv4 address written out in full is longer, and refused."""
MAX_HOST = 253
"""RFC 1034 section 3.1: 255 octets, of which one is a length and one the root's dot."""
URL_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})

# RFC 1034 labels, widened to letters of other scripts in the Basic Multilingual Plane
_LETTERS = "a-z\u00a1-\uffff"
_LABEL = rf"(?!-)[{_LETTERS}0-9-]{{1,63}}(?<!-)"
_TOP = rf"(?!-)(?:[{_LETTERS}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)"
_DOMAIN = rf"(?:{_LABEL}\.)+{_TOP}"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"

_IPV4_ADDRESS = re.compile(_IPV4)
_DOMAIN_NAME = re.compile(_DOMAIN, re.IGNORECASE)
_URL_REST = re.compile(
    r"(?:[^\s:@/]+(?::[^\s:@/]*)?@)?"
    rf"(?:{_IPV4}|\[[0-9a-f:.]+\]|{_DOMAIN}\.?|localhost)"
    r"(?::[0-9]{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_BRACKETED_HOST = re.compile(r"\[(.+)\](?::[0-9]{1,5})?")

# RFC 5322 section 3.2.3, and the quoted-string of 3.2.4 with control characters as in RFC 822
_ATOM = r"[-!#$%&'*+/=?^_`{}|~0-9a-z]+"
_QUOTED = r'"(?:[\x01-\x08\x0b\x0c\x0e-\x1f!#-\[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"'
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*|{_QUOTED}", re.IGNORECASE)
_ADDRESS_LITERAL = re.compile(r"\[([a-f0-9:.]+)\]", re.IGNORECASE)

_SLUG = re.compile(r"[-a-zA-Z0-9_]+")


def validate_email(value: str) -> None:
    local, at, domain = value.rpartition("@")
    if not (
        at
        and len(value) <= MAX_EMAIL
        and _LOCAL_PART.fullmatch(local)
        and (domain == "localhost" or _DOMAIN_NAME.fullmatch(domain) or _is_literal(domain))
    ):
        raise ValidationError("Enter a valid email address.", code="invalid")


def _is_literal(domain: str) -> bool:
    """RFC 5321 section 4.1.3 without its tags."""
    literal = _ADDRESS_LITERAL.fullmatch(domain)
    return bool(literal and (_IPV4_ADDRESS.fullmatch(literal[1]) or _is_ipv6(literal[1])))


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return len(text) <= MAX_IPV6


def validate_url(value: str) -> None:
    if not _is_url(value):
        raise ValidationError("Enter a valid URL.", code="invalid")


def _is_url(value: str) -> bool:
    scheme, separator, rest = value.partition("://")
    if len(value) > MAX_URL or not separator or scheme.lower() not in URL_SCHEMES:
        return False
    if not _URL_REST.fullmatch(rest):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    bracketed = _BRACKETED_HOST.fullmatch(parts.netloc)
    if bracketed and not _is_ipv6(bracketed[1]):
        return False
    return parts.hostname is not None and len(parts.hostname) <= MAX_HOST


def validate_slug(value: str) -> None:
    if not _SLUG.fullmatch(value):
        raise ValidationError(
            "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
            code="invalid",
        )


def prohibit_null_characters(value: str) -> None:
    if "\0" in value:
        raise ValidationError(
            "Null characters are not allowed.", code="null_characters_not_allowed"
        )


@dataclass(frozen=True)
class RegexValidator:
    """The pattern has to occur somewhere in the value; anchor it to match the whole."""

    pattern: re.Pattern[str]
    message: str = "Enter a valid value."
    code: str = "invalid"

    def __call__(self, value: Any) -> None:
        if not self.pattern.search(str(value)):
            raise ValidationError(self.message, self.code, {"value": value})


@dataclass(frozen=True)
class MinLength:
    least: int

    def __call__(self, value: str) -> None:
        if len(value) < self.least:
            raise length_refusal("min_length", self.least, value)


@dataclass(frozen=True)
class MaxLength:
    most: int

    def __call__(self, value: str) -> None:
        if len(value) > self.most:
            raise length_refusal("max_length", self.most, value)


def length_refusal(code: str, limit: int, value: str) -> ValidationError:
    """`code`: min_length or max_length."""
    bound = "at least" if code == "min_length" else "at most"
    unit = "character" if limit == 1 else "characters"
    return ValidationError(
        f"Ensure this value has {bound} %(limit_value)d {unit} (it has %(show_value)d).",
        code,
        {"limit_value": limit, "show_value": len(value), "value": value},
    )


@dataclass(frozen=True)
class MinValue:
    least: Any

    def __call__(self, value: Any) -> None:
        if value < self.least:
            raise bound_refusal("min_value", self.least, value)


@dataclass(frozen=True)
class MaxValue:
    most: Any

    def __call__(self, value: Any) -> None:
        if value > self.most:
            raise bound_refusal("max_value", self.most, value)


def bound_refusal(code: str, limit: Any, value: Any) -> ValidationError:
    """`code`: min_value or max_value."""
    side = "greater" if code == "min_value" else "less"
    return ValidationError(
        f"Ensure this value is {side} than or equal to %(limit_value)s.",
        code,
        {"limit_value": limit, "show_value": value, "value": value},
    )


@dataclass(frozen=True)
class DecimalDigits:
    """Digits as `numeric(max_digits, decimal_places)` counts them."""

    max_digits: int | None
    decimal_places: int | None

    def __call__(self, value: Decimal) -> None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValidationError("Enter a number.", "invalid", {"value": value})
        decimals = max(0, -exponent)
        if exponent >= 0:
            total = len(digits) + (exponent if digits != (0,) else 0)
        else:
            total = max(len(digits), decimals)
        self._check(total, decimals, value)

    def _check(self, total: int, decimals: int, value: Decimal) -> None:
        digits, places = self.max_digits, self.decimal_places
        if digits is not None and total > digits:
            raise digits_refusal("max_digits", digits, value)
        if places is not None and decimals > places:
            raise digits_refusal("max_decimal_places", places, value)
        if digits is not None and places is not None and total - decimals > digits - places:
            raise digits_refusal("max_whole_digits", digits - places, value)


_COUNTED = {
    "max_digits": ("digit", " in total"),
    "max_decimal_places": ("decimal place", ""),
    "max_whole_digits": ("digit", " before the decimal point"),
}


def digits_refusal(code: str, most: int, value: Decimal) -> ValidationError:
    """`code`: one of _COUNTED."""
    unit, where = _COUNTED[code]
    units = unit if most == 1 else f"{unit}s"
    return ValidationError(
        f"Ensure that there are no more than %(max)s {units}{where}.",
        code,
        {"max": most, "value": value},
    )
