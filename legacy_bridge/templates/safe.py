"""Strings that are HTML already: Django's SafeString, by the protocol that markupsafe reads."""

from html import escape as _escape
from typing import Any


class SafeString(str):
    """Text that is printed as it is. Only safe plus safe is safe; every other result is text."""

    __slots__ = ()

    def __html__(self) -> "SafeString":
        return self

    def __str__(self) -> str:
        return self

    def __add__(self, other: str) -> str:
        joined = str.__add__(self, other)
        return SafeString(joined) if is_safe(other) else joined


EMPTY = SafeString("")


def is_safe(value: object) -> bool:
    return hasattr(value, "__html__")


def mark_safe(value: Any) -> Any:
    """`value` as HTML. What is safe in a way of its own stays as it is."""
    return value if hasattr(value, "__html__") else SafeString(value)


def escape(value: object) -> SafeString:
    """HTML-escaped, even if it was safe. Quotes are written as Django writes them."""
    return SafeString(_escape(str(value)))


def conditional_escape(value: Any) -> str:
    """HTML-escaped unless it is safe."""
    if hasattr(value, "__html__"):
        html: str = value.__html__()
        return html
    return SafeString(_escape(str(value)))


def plain(value: object) -> str:
    """Text that is exactly `str`, so that no operation on it escapes or marks anything."""
    text = str(value)
    return text if type(text) is str else "".join(text)
