"""How a value is printed: local time, local number, then escaped."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.safe import SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.rendering.context import Context

_LOCALISED = (int, float, Decimal, date, time)


class Printer:
    """Prints the values of one rendering."""

    __slots__ = ("_context", "_numbers_are_plain")

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._numbers_are_plain = context.environment.locale.writes_integers_plainly

    def choose(self) -> Callable[[Any], str]:
        """The function for the present switches."""
        return self.escaped if self._context.autoescape else self.unescaped

    def escaped(self, value: Any) -> str:
        kind = type(value)
        if kind is str:
            # As `html.escape`, without the call.
            plain: str = value
            return (
                plain.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace('"', "&quot;")
                .replace("'", "&#x27;")
            )
        if kind is SafeString:
            text: str = value
            return text
        if kind is int and self._numbers_are_plain:
            return str(value)
        value = self.localised(value)
        if not isinstance(value, str):
            # Django asks the text only; a field or a markup object of ours says it itself.
            value = value if hasattr(value, "__html__") else str(value)
        if hasattr(value, "__html__"):
            html: str = value.__html__()
            return html
        return escape(value)

    def unescaped(self, value: Any) -> str:
        return str(self.localised(value))

    def conditional(self, value: Any) -> str:
        """What a simple tag returned: escaped if need be, not localised."""
        if not self._context.autoescape:
            return str(value)
        if hasattr(value, "__html__"):
            html: str = value.__html__()
            return html
        return escape(str(value))

    def localised(self, value: Any) -> Any:
        """Dates, times and numbers as text in the present language; other values as they are."""
        if isinstance(value, str) or not isinstance(value, _LOCALISED):
            return value
        context = self._context
        locale = context.environment.locale
        if isinstance(value, datetime):
            value = locale.to_local_time(value, context)
        return locale.localize(value, context.use_l10n, context.language)
