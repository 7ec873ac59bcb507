"""What templates ask of the site around them: its URLs, files, menus, flags. All of it is optional.

A site gives an object for each that it has; a tag without its source is an error while rendering
that says which field of `Site` to set. Each source is given the context of the rendering.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.templates.fragments import Fragments, MemoryFragments


class NoReverseMatchError(LookupError):
    """No pattern has this name, or none takes these arguments."""


class Urls(Protocol):
    """Where `{% url %}` asks."""

    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Any
    ) -> str:
        """The path; raises `NoReverseMatchError`."""


class NoUrls:
    """A site without named patterns."""

    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Any
    ) -> str:
        raise NoReverseMatchError(
            f"Reverse for {name!r} not found: no patterns are known; set `urls` of the Site"
        )


class Flags(Protocol):
    """Where `{% flag %}`, `{% switch %}` and `{% sample %}` of django-waffle ask."""

    def is_flag_active(self, name: str, context: Any) -> bool: ...

    def is_switch_active(self, name: str, context: Any) -> bool: ...

    def is_sample_active(self, name: str, context: Any) -> bool: ...


class Menus(Protocol):
    """Where the tags of django-sitetree ask; items are what its templates expect."""

    def tree(self, alias: str, context: Any) -> Sequence[Any]: ...

    def menu(self, alias: str, branches: str, context: Any) -> Sequence[Any]: ...

    def children(self, item: Any, navigation: str, context: Any) -> Sequence[Any]: ...

    def breadcrumbs(self, alias: str, context: Any) -> Sequence[Any]: ...

    def url(self, item: Any, context: Any) -> str: ...

    def current(self, alias: str, context: Any) -> Any:
        """The item of the present page, or `None`."""


class NoImageError(Exception):
    """What only an image has was asked of something that is none."""


class Thumbnails(Protocol):
    """Where the tags of sorl-thumbnail ask, and those of imagekit."""

    def thumbnail(self, source: Any, geometry: str, options: Mapping[str, Any]) -> Any:
        """An object with `url`, `width` and `height`, which may raise `NoImageError`; `None` where
        there is no image."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A group of django-pipeline: its sources, and what they are combined to."""

    sources: Sequence[str]
    output: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The sources of one site.

    `static` makes the address of a file (hashed names); without it they lie below `static_url`.
    `uses_outputs` says whether bundles are combined, as in production. `fragments` gives the store
    of a name for `{% cache using=… %}`, of `None` for the others. `countries` are names by code.
    """

    urls: Urls = field(default_factory=NoUrls)
    static_url: str = "/static/"
    media_url: str = "/media/"
    static: Callable[[str], str] | None = None
    fragments: Callable[[str | None], Fragments] = field(
        default_factory=lambda: MemoryFragments().of
    )
    flags: Flags | None = None
    menus: Menus | None = None
    stylesheets: Mapping[str, Bundle] = field(default_factory=dict)
    scripts: Mapping[str, Bundle] = field(default_factory=dict)
    uses_outputs: bool = True
    honeypot: Honeypot | None = None
    thumbnails: Thumbnails | None = None
    imagekit: Thumbnails | None = None
    countries: Mapping[str, str] = field(default_factory=dict)
