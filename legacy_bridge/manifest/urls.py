"""The views of a project's URLconf, one by one, in the order in which Django tries them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from legacy_bridge.manifest.model import Manifest, UrlNode

ADMIN = "admin"


@dataclass(frozen=True, slots=True, eq=False)
class LegacyUrl:
    """A view's line and all lines around it, the outermost first. `order` counts from 0."""

    order: int
    lines: tuple[UrlNode, ...]

    @property
    def leaf(self) -> UrlNode:
        """The line that names the view."""
        return self.lines[-1]

    @property
    def app(self) -> str | None:
        """The label of the app that the view is of; of a view of no app that of its URLconf.

        All that an admin site shows is the admin's, whoever wrote the view.
        """
        if any(line.app_name == ADMIN for line in self.lines):
            return ADMIN
        return next((line.app for line in reversed(self.lines) if line.app), None)

    @property
    def name(self) -> str | None:
        """`namespace:name`, as it is reversed."""
        if self.leaf.name is None:
            return None
        namespaces = (line.namespace for line in self.lines if line.namespace)
        return ":".join((*namespaces, self.leaf.name))

    @property
    def shown(self) -> str:
        """The whole pattern for people: `/downloads/release/<slug:release_slug>/`."""
        return "/" + "".join(map(_shown, self.lines))


def _shown(line: UrlNode) -> str:
    if line.kind == "language":
        return "<language>/"
    return line.source.removeprefix("^") if line.kind == "regex" else line.source


def legacy_urls(manifest: Manifest) -> tuple[LegacyUrl, ...]:
    """All views of the URLconf."""
    views = _views(manifest.urls.patterns, ())
    return tuple(LegacyUrl(order, lines) for order, lines in enumerate(views))


def languages_of(manifest: Manifest) -> list[str]:
    """The codes of LANGUAGES, the project's own first."""
    own = manifest.settings.get("LANGUAGE_CODE", "en-us")
    return list(dict.fromkeys([own, *(code for code, _ in manifest.settings.get("LANGUAGES", []))]))


def _views(lines: Sequence[UrlNode], around: tuple[UrlNode, ...]) -> Iterator[tuple[UrlNode, ...]]:
    for line in lines:
        if line.patterns is None:
            yield (*around, line)
        else:
            yield from _views(line.patterns, (*around, line))
