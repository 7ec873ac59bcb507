"""The names a template sees. One flat mapping, and for each scope what it must put back.

Django keeps a stack of mappings and looks through it for each name; here a name is one look-up, and
leaving a scope costs what was written in it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any

from legacy_bridge.templates.faults import RenderingError, VariableDoesNotExistError
from legacy_bridge.templates.rendering.output import Printer
from legacy_bridge.templates.rendering.surroundings import Surroundings
from legacy_bridge.templates.safe import EMPTY, SafeString

Write = Callable[[str], object]
BlockFunction = Callable[["Context", Write], object]


class Absent(Enum):
    """That a name was not there."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
_PLACE = (
    *("autoescape", "block", "blocks", "esc", "extended", "history", "language", "state"),
    *("template", "timezone", "use_l10n", "use_tz"),
)
CONSTANTS: Mapping[str, object] = {"True": True, "False": False, "None": None}


class Context:
    """Names, scopes, and what is switched while rendering (escaping, time zone, language).

    `vars` is never replaced, so that compiled code may hold it. `state` is what cycles and the like
    remember within one template; `blocks` are the functions of each block, most derived first.
    """

    __slots__ = (
        "autoescape",
        "block",
        "blocks",
        "environment",
        "esc",
        "extended",
        "history",
        "language",
        "loaded",
        "printer",
        "request",
        "scopes",
        "state",
        "template",
        "timezone",
        "use_l10n",
        "use_tz",
        "vars",
    )

    def __init__(
        self,
        environment: Surroundings,
        names: Mapping[str, Any],
        *,
        request: object = None,
        autoescape: bool | None = None,
        use_l10n: bool | None = None,
        use_tz: bool | None = None,
    ) -> None:
        self.environment = environment
        self.vars: dict[str, Any] = {**CONSTANTS, **names}
        self.scopes: list[dict[str, Any]] = [{}]
        self.request = request
        self.autoescape = environment.escapes if autoescape is None else autoescape
        self.use_l10n = use_l10n
        self.use_tz = use_tz
        self.timezone: Any = None
        self.language: str | None = None
        self.state: dict[Any, Any] = {}
        self.blocks: dict[str, list[BlockFunction]] = {}
        self.block: tuple[str, int] | None = None
        self.history: list[Any] = []
        self.extended = False
        self.loaded: dict[Any, Any] = {}
        self.template: str | None = None
        self.printer = Printer(self)
        self.esc = self.printer.choose()

    # --- as tags written in Python use it

    def __getitem__(self, name: str) -> Any:
        return self.vars[name]

    def __setitem__(self, name: str, value: object) -> None:
        scope = self.scopes[-1]
        if name not in scope:
            scope[name] = self.vars.get(name, ABSENT)
        self.vars[name] = value

    def __delitem__(self, name: str) -> None:
        """Only what the innermost scope has set, as in Django."""
        before = self.scopes[-1].pop(name)
        _put_back(self.vars, name, before)

    def __contains__(self, name: object) -> bool:
        return name in self.vars

    def __iter__(self) -> Iterator[str]:
        return iter(self.vars)

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.vars.get(name, otherwise)

    def setdefault(self, name: str, value: Any) -> Any:
        if name not in self.vars:
            self[name] = value
        return self.vars[name]

    def update(self, names: Mapping[str, Any]) -> None:
        """A new scope with `names`; `pop()` ends it."""
        self.enter()
        for name, value in names.items():
            self[name] = value

    def flatten(self) -> dict[str, Any]:
        return dict(self.vars)

    @contextmanager
    def push(self, **names: Any) -> Iterator["Context"]:
        """A scope for the time of a `with`."""
        depth = len(self.scopes)
        self.update(names)
        try:
            yield self
        finally:
            while len(self.scopes) > depth:
                self.leave()

    def pop(self) -> None:
        self.leave()

    def set_upward(self, name: str, value: object) -> None:
        """Where the name was set last, else in the innermost scope."""
        if name in self.vars:
            self.vars[name] = value
        else:
            self[name] = value

    def new(self, names: Mapping[str, Any]) -> "Context":
        """Only `names`, with everything else as here."""
        fresh = Context(
            self.environment,
            names,
            request=self.request,
            autoescape=self.autoescape,
            use_l10n=self.use_l10n,
            use_tz=self.use_tz,
        )
        fresh.timezone, fresh.language = self.timezone, self.language
        fresh.loaded = self.loaded
        return fresh

    # --- as compiled templates use it

    def enter(self) -> None:
        self.scopes.append({})

    def leave(self) -> None:
        names = self.vars
        for name, before in self.scopes.pop().items():
            if before is ABSENT:
                names.pop(name, None)
            else:
                names[name] = before

    def switch(self, **values: Any) -> dict[str, Any]:
        """Set `autoescape`, `use_l10n`, `use_tz`, `timezone` or `language`; what they were."""
        before = {name: getattr(self, name) for name in values}
        for name, value in values.items():
            setattr(self, name, value)
        self.esc = self.printer.choose()
        return before

    def place(self) -> tuple[int, dict[str, Any]]:
        """Where the rendering is, to come back to after an error."""
        return len(self.scopes), {name: getattr(self, name) for name in _PLACE}

    def back_to(self, place: tuple[int, dict[str, Any]]) -> None:
        depth, values = place
        while len(self.scopes) > depth:
            self.leave()
        for name, value in values.items():
            setattr(self, name, value)

    def render_block(self, write: Write, name: str, level: int = 0) -> None:
        outer = self.block
        self.block = (name, level)
        self.enter()
        self.blocks[name][level](self, write)
        self.leave()
        self.block = outer

    def super(self) -> SafeString:
        """What the parent template has in the block that is being rendered."""
        if self.block is None:
            return EMPTY
        name, level = self.block
        if not self.extended:
            raise RenderingError(
                f"block.super in the block {name!r} of a template that no other one extends"
            )
        if level + 1 >= len(self.blocks.get(name, ())):
            return EMPTY
        out: list[str] = []
        place = self.place()
        try:
            self.render_block(out.append, name, level + 1)
        except VariableDoesNotExistError:
            # To Django the whole of `block.super` is a variable that does not exist, then.
            self.back_to(place)
            return SafeString(self.esc(self.environment.lookup.invalid("block.super")))
        return SafeString("".join(out))


def _put_back(names: dict[str, Any], name: str, before: object) -> None:
    if before is ABSENT:
        names.pop(name, None)
    else:
        names[name] = before
