"""Filters that change a text."""

import re
import textwrap
import unicodedata
from pprint import pformat
from typing import Any
from urllib.parse import quote

from legacy_bridge.templates.filters.library import filters, text_filter
from legacy_bridge.templates.safe import SafeString, escape, is_safe

_SCRIPT_ESCAPES = {ord(one): f"\\u{ord(one):04X}" for one in "\\'\"><&=-;`\u2028\u2029"}
_SCRIPT_ESCAPES |= {code: f"\\u{code:04X}" for code in range(32)}
_AFTER_APOSTROPHE = re.compile(r"([a-z])'([A-Z])")
_AFTER_DIGIT = re.compile(r"\d([A-Z])")
_KEYS = {
    letter: str(digit)
    for digit, letters in enumerate(("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"), 2)
    for letter in letters
}


@text_filter("addslashes", is_safe=True)
def addslashes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")


@text_filter("capfirst", is_safe=True)
def capfirst(text: str) -> str:
    return text[:1].upper() + text[1:]


@text_filter("escapejs")
def escapejs(text: str) -> SafeString:
    return SafeString(text.translate(_SCRIPT_ESCAPES))


@text_filter("iriencode", is_safe=True)
def iriencode(text: str) -> str:
    return quote(text, safe="/#%[]=:;$&()+,!?*@'~")


@text_filter("linenumbers", is_safe=True, needs_autoescape=True)
def linenumbers(text: str, autoescape: bool = True) -> SafeString:
    lines = text.split("\n")
    width = len(str(len(lines)))
    escapes = autoescape and not is_safe(text)
    return SafeString(
        "\n".join(
            f"{number:0{width}d}. {escape(line) if escapes else line}"
            for number, line in enumerate(lines, 1)
        )
    )


@text_filter("lower", is_safe=True)
def lower(text: str) -> str:
    return text.lower()


@text_filter("upper")
def upper(text: str) -> str:
    return text.upper()


@text_filter("make_list")
def make_list(text: str) -> list[str]:
    return list(text)


@text_filter("slugify", is_safe=True)
def slugify(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    kept = re.sub(r"[^\w\s-]", "", ascii_only.lower())
    return re.sub(r"[-\s]+", "-", kept).strip("-_")


@filters.filter("stringformat", is_safe=True)
def stringformat(value: Any, pattern: Any) -> str:
    given = str(value) if isinstance(value, tuple) else value
    try:
        return ("%" + str(pattern)) % given
    except (ValueError, TypeError):
        return ""


@text_filter("title", is_safe=True)
def title(text: str) -> str:
    """Words begin with a capital, but not after an apostrophe or a digit."""
    capitals = _AFTER_APOSTROPHE.sub(lambda found: found[0].lower(), text.title())
    return _AFTER_DIGIT.sub(lambda found: found[0].lower(), capitals)


@text_filter("urlencode")
def urlencode(text: str, safe: Any = None) -> str:
    return quote(text) if safe is None else quote(text, safe=safe)


@text_filter("wordcount")
def wordcount(text: str) -> int:
    return len(text.split())


@text_filter("wordwrap", is_safe=True)
def wordwrap(text: str, width: Any) -> str:
    wrapper = textwrap.TextWrapper(
        int(width), break_long_words=False, break_on_hyphens=False, replace_whitespace=False
    )
    lines: list[str] = []
    for line in text.splitlines():
        lines += wrapper.wrap(line) or [line]
    if text.endswith("\n"):
        lines.append("")
    return "\n".join(lines)


@text_filter("ljust", is_safe=True)
def ljust(text: str, width: Any) -> str:
    return text.ljust(int(width))


@text_filter("rjust", is_safe=True)
def rjust(text: str, width: Any) -> str:
    return text.rjust(int(width))


@text_filter("center", is_safe=True)
def center(text: str, width: Any) -> str:
    return text.center(int(width))


@text_filter("cut")
def cut(text: str, removed: Any) -> str:
    rest = text.replace(removed, "")
    # Without its semicolon an entity is none any more.
    return SafeString(rest) if is_safe(text) and removed != ";" else rest


@filters.filter("phone2numeric", is_safe=True)
def phone2numeric(value: Any) -> str:
    return "".join(_KEYS.get(one, one) for one in value.lower())


@filters.filter("pprint", is_safe=True)
def pprint(value: Any) -> str:
    try:
        return pformat(value)
    except Exception as error:
        return f"Error in formatting: {type(error).__name__}: {error}"
