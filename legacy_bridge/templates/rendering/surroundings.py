"""What a rendering asks of the environment that it runs in."""

from collections.abc import Sequence
from typing import Any, Protocol

from legacy_bridge.templates.rendering.locale import Locale
from legacy_bridge.templates.rendering.lookup import Lookup
from legacy_bridge.templates.site import Site


class Template(Protocol):
    """A compiled template."""

    blocks: Any
    body: Any

    def into(self, context: Any, write: Any) -> None:
        """Render as a part of something."""


class Surroundings(Protocol):
    """Templates by name, and what the site and its language are."""

    @property
    def locale(self) -> Locale: ...

    @property
    def site(self) -> Site: ...

    @property
    def lookup(self) -> Lookup: ...

    @property
    def escapes(self) -> bool: ...

    @property
    def debug(self) -> bool: ...

    def as_template(self, value: object) -> Template | None: ...

    def first_template(self, names: Sequence[str]) -> Template: ...

    def parent(self, name: str, history: list[Any]) -> Template: ...
