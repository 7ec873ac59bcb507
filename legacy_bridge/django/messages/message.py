"""One message for the visitor, and its JSON: `["__json_message", safe, level, text, extra tags]`.

In a cookie the list of them is written without spaces, in a session with them, as Django does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup, escape

MARK: Final = "__json_message"
UNFINISHED: Final = "__messagesnotfinished__"
"""Stands last in a cookie when further messages are elsewhere."""


@dataclass(frozen=True, slots=True)
class Message:
    """With the names that templates use; prints as its text."""

    level: int
    message: str
    """Has `__html__` where it is safe to print as it is."""
    extra_tags: str | None = field(default="", compare=False)
    level_tag: str = field(default="", compare=False)

    @property
    def tags(self) -> str:
        """Class attribute of HTML: the extra tags, and that of the level."""
        return " ".join(filter(None, (self.extra_tags, self.level_tag)))

    def __str__(self) -> str:
        return self.message

    def __html__(self) -> Markup:
        return escape(self.message)


class UnreadableMessagesError(ValueError):
    """Not what Django or we write."""


def compact(message: Message) -> str:
    """Its JSON in a cookie."""
    return json.dumps(_form(message), separators=(",", ":"))


def spaced(messages: Sequence[Message]) -> str:
    """The JSON of all of them in a session."""
    return json.dumps([_form(message) for message in messages])


def read(text: str, tags: Mapping[int, str]) -> tuple[list[Message], bool]:
    """The messages of either form, and whether these are all; `UnreadableMessagesError`."""
    try:
        forms = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableMessagesError("not JSON") from None
    if not isinstance(forms, list):
        raise UnreadableMessagesError("not a list")
    complete = not forms or forms[-1] != UNFINISHED
    return [_message(form, tags) for form in (forms if complete else forms[:-1])], complete


def _form(message: Message) -> list[object]:
    safe = int(hasattr(message.message, "__html__"))
    form: list[object] = [MARK, safe, message.level, message.message]
    return form if message.extra_tags is None else [*form, message.extra_tags]


def _message(form: Any, tags: Mapping[int, str]) -> Message:
    match form:
        case [str(mark), safe, int(level), str(text)] if mark == MARK:
            extra_tags = None
        case [str(mark), safe, int(level), str(text), str(extra_tags)] if mark == MARK:
            pass
        case _:
            raise UnreadableMessagesError("not a message")
    return Message(level, Markup(text) if safe else text, extra_tags, tags.get(level, ""))  # noqa: S704
