"""One case through both engines."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any

import django
from django.conf import settings
from django.template import Context as DjangoContext
from django.template import Engine
from django.utils.safestring import mark_safe as django_safe
from jinja2 import DictLoader

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.loader import DjangoLoader
from legacy_bridge.templates.safe import mark_safe
from tests.legacy_bridge.templates.fuzz import values
from tests.legacy_bridge.templates.fuzz.grammar import Grammar

_LIBRARIES = {
    name: f"django.templatetags.{name}" for name in ("cache", "i18n", "l10n", "static", "tz")
}
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_LIBRARIES["humanize"] = "django.contrib.humanize.templatetags.humanize"
_LOAD = "i18n l10n tz humanize"


@dataclass(frozen=True)
class Case:
    """Templates by name; `main.html` is rendered. `seed` makes the context."""

    seed: int
    templates: dict[str, str]
    invalid: str = ""
    escapes: bool = True


def prepare() -> None:
    """Django's settings; once in a process."""
    if not settings.configured:
        settings.configure(USE_TZ=True, TIME_ZONE="UTC", TEMPLATES=[], LANGUAGE_CODE="en-us")
        django.setup()


def case(seed: int) -> Case:
    random = Random(seed)
    load = f"{{% load {_LOAD} %}}"
    part = load + Grammar(random).body(2)
    base = load + Grammar(random, ("part.html",)).base()
    main = Grammar(random, ("part.html", "base.html")).template()
    if main.startswith("{% extends"):
        head, _, rest = main.partition("%}")
        main = f"{head}%}}{load}{rest}"
    else:
        main = load + main
    return Case(
        seed,
        {"main.html": main, "part.html": part, "base.html": base},
        invalid=random.choice(("", "", "", "", "", "", "INVALID", "(%s)")),
        escapes=random.random() < 0.9,
    )


def by_django(given: Case) -> str:
    engine = Engine(
        autoescape=given.escapes,
        string_if_invalid=given.invalid,
        libraries=_LIBRARIES,
        loaders=[
            (
                "django.template.loaders.cached.Loader",
                [("django.template.loaders.locmem.Loader", given.templates)],
            )
        ],
    )
    try:
        values.mark_safe = django_safe
        names = values.context(Random(given.seed))
        return str(
            engine.get_template("main.html").render(DjangoContext(names, autoescape=given.escapes))
        )
    except Exception as error:
        return _failure(error)


def by_us(given: Case) -> str:
    environment = TemplateEnvironment(
        DjangoLoader((), DictLoader(given.templates)),
        libraries=DJANGO,
        escapes=given.escapes,
        string_if_invalid=given.invalid,
    )
    try:
        values.mark_safe = mark_safe
        names: dict[str, Any] = values.context(Random(given.seed))
        return environment.template("main.html").render(names)
    except Exception as error:
        return _failure(error)


def _failure(error: Exception) -> str:
    return f"\0{type(error).__name__}: {error}"


def differs(one: str, other: str) -> bool:
    """Both must print the same, or both must fail."""
    if one.startswith("\0") or other.startswith("\0"):
        return one[:1] != other[:1]
    return _ADDRESS.sub("", one) != _ADDRESS.sub("", other)
