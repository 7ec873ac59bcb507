"""Jinja2's way of writing texts, numbers and names."""

import re

# Names that Jinja2's grammar gives another meaning than a variable of the context.
RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "elif",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "recursive",
        "loop",
        "self",
        "super",
        "var",
        "context",
        "without",
        "with",
        "ignore",
    ]
)
# Names that converted templates call for what no library has.
CALLED = frozenset(
    [
        "_",
        "cycle",
        "include",
        "include_only",
        "next_cycle",
        "partial",
        "partialdef",
        "reset_cycle",
        "reversed",
        "super",
        "var",
    ]
)
_OPENING = re.compile(r"\{(?=[{%#]|\Z)|\r")
_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\r": "\\r", "\x0b": "\\x0b", "\x0c": "\\x0c"}
_ESCAPES |= {"\x1c": "\\x1c", "\x1d": "\\x1d", "\x1e": "\\x1e", "\x85": "\\x85"}
_ESCAPED = re.compile("[" + re.escape("".join(_ESCAPES)) + "\u2028\u2029]")


def string(text: str) -> str:
    """A string literal. Line ends stay line ends, so that lines keep their numbers."""
    return f'"{_ESCAPED.sub(lambda found: _escape(found[0]), text)}"'


def _escape(character: str) -> str:
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"


def text(piece: str) -> str:
    """Template text, with what Jinja2 would take for a mark written as an expression."""
    return _OPENING.sub(lambda found: f"{{{{ {string(found[0])} }}}}", piece)


def is_name(word: str) -> bool:
    return bool(_NAME.fullmatch(word))


def can_be_set(word: str) -> bool:
    """Whether Jinja2 can give a value this name."""
    return is_name(word) and word.lower() not in ("true", "false", "none")


def comment(content: str) -> str:
    """A comment with the same number of lines."""
    if "#}" in content or "{#" in content:
        return "{#" + "\n" * content.count("\n") + "#}"
    # A sign after the mark would take the white space away.
    before = " " if content[:1] in ("-", "+") else ""
    after = " " if content[-1:] in ("-", "+") else ""
    return f"{{#{before}{content}{after}#}}"
