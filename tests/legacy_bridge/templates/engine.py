"""Environments for these tests."""

from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader

from legacy_bridge.templates.convert.converter import convert
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO, PACKAGES
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.loader import DjangoLoader


def environment(
    templates: Mapping[str, str] | None = None, *libraries: Library, **options: Any
) -> TemplateEnvironment:
    """Django sources by name, with all libraries."""
    return TemplateEnvironment(
        DjangoLoader((), DictLoader(dict(templates or {}))),
        libraries=[*DJANGO, *PACKAGES, *libraries],
        **options,
    )


def rendered(source: str, names: Mapping[str, Any] | None = None, **options: Any) -> str:
    return environment(**options).from_django(source).render(names or {})


def converted(source: str) -> str:
    return convert(source, "page.html", environment().known)
