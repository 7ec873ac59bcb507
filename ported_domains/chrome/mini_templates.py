"""What stands in menu items instead of plain text: variables of the page."""

import re
from functools import lru_cache
from typing import Any

from legacy_bridge.templates.faults import VariableDoesNotExistError
from legacy_bridge.templates.safe import SafeString

_TAGS = re.compile(r"{%.*?%}|{#.*?#}")
_QUOTED = re.compile(r"""(["'])(.*)\1""", re.DOTALL)


class Title:
    """A title with variables in it, printed with those of the page."""

    def __init__(self, title: str, context: Any) -> None:
        self._title = title
        self._context = context

    def __str__(self) -> SafeString:
        return self.__html__()

    def __html__(self) -> SafeString:
        template = _compiled(self._context.environment, _TAGS.sub("", self._title))
        out: list[str] = []
        template.into(self._context, out.append)
        return SafeString("".join(out))


def title_of(title: str, context: Any) -> Any:
    """The text itself where there is no variable in it."""
    return Title(title, context) if "{{" in title else title


def argument(word: str, context: Any) -> Any:
    """A variable of the page; what is none stands for itself."""
    if quoted := _QUOTED.fullmatch(word):
        return SafeString(quoted[2])
    if word.isdecimal():
        return int(word)
    root, *path = word.split(".")
    try:
        return context.environment.lookup.strict(context.vars, root, *path)
    except VariableDoesNotExistError:
        return word


@lru_cache(maxsize=256)
def _compiled(environment: Any, source: str) -> Any:
    return environment.from_django(source)
