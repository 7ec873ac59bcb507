"""What a report may show of a value: enough to see the fault, nothing of a person or a key."""

import re
from itertools import pairwise

from proxy.parity.common_ends import common_start

SHOWN = 120
"""Characters kept of a value, around the first place that differs."""
SEEN = 2000
"""Characters that are looked at for that: a value may be a whole page."""

_EMAIL = re.compile(r"[\w.+'-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+", re.IGNORECASE)
_LONG_WORD = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_HEX = re.compile(r"(?<![\w-])(?=[a-f]{0,40}\d)[0-9a-f]{12,}(?![\w-])", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\d)\+?\d(?:[ ()/-]?\d){6,}(?!\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d)?(?!\d)")
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_PAIR = re.compile(r"([?&;]|\b)([\w.-]{1,64})=([^&;#\s\"'<>]*)")
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|key|auth|sign|sig|code|session|nonce|csrf|mail|phone|user|name",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """`text` without e-mail and IP addresses, tokens, keys, telephone and card numbers."""
    text = _EMAIL.sub("(e-mail)", text)
    text = _LONG_WORD.sub(_token, text)
    text = _HEX.sub("(token)", text)
    text = _ADDRESS.sub("(address)", text)
    return _DIGITS.sub(_number, text)


def masked_target(target: str) -> str:
    """Path and query for an example; values of fields that sound secret or personal are gone."""
    path, mark, query = target.partition("?")
    return masked(path) + mark + masked(_PAIR.sub(_field, query))


def masked_cookie(value: str) -> str:
    """What may be said of a cookie's value: whether it is empty, and how long."""
    return f"({len(value)} characters)" if value else "(empty)"


def both_shown(control: str, candidate: str) -> tuple[str, str]:
    """Both values masked and cut to where they begin to differ.

    Where only what is masked differs, the second says so.
    """
    near = max(0, common_start(control, candidate) - SEEN // 2)
    one, other = (masked(_cut(text, near, SEEN)) for text in (control, candidate))
    if one == other and control != candidate:
        other += " (another)"
    begin = max(0, common_start(one, other) - SHOWN // 3)
    return _window(one, begin), _window(other, begin)


def shown(value: str) -> str:
    """One value, masked and cut."""
    return _window(masked(_cut(value, 0, SEEN)), 0)


def _window(text: str, begin: int) -> str:
    return _cut(text, 0 if len(text) <= SHOWN else begin, SHOWN)


def _cut(text: str, begin: int, length: int) -> str:
    cut = text[begin : begin + length]
    return ("…" if begin else "") + cut + ("…" if begin + length < len(text) else "")


def _token(found: re.Match[str]) -> str:
    """Long words of letters alone, and slugs such as python-3-14-release, are words."""
    word = found[0]
    parts = re.split(r"[-_]", word)
    mixed = any(
        len(part) >= 32
        or (len(part) >= 16 and re.search(r"\d", part) and re.search(r"[A-Za-z]", part))
        for part in parts
    )
    upper = re.search(r"[a-z][A-Z][a-z]*[A-Z][a-z]*\d|\d[A-Z][a-z]+\d", word)
    return "(token)" if mixed or upper or _random_case(word) else word


def _random_case(word: str) -> bool:
    """Upper and lower case changing more often than in names such as SomeLongClassName."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(word))
    return changes >= 4 and len(word) / changes < 6


def _number(found: re.Match[str]) -> str:
    digits = found[0]
    return digits if _DATE.match(digits) else f"({sum(map(str.isdigit, digits))} digits)"


def _field(found: re.Match[str]) -> str:
    before, name, value = found.groups()
    return f"{before}{name}={'(masked)' if value and _SECRET_NAME.search(name) else value}"
