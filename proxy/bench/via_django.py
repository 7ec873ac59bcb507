"""Django's own template engine, for comparison: the only place of the proxy that knows it."""

from collections.abc import Callable, Mapping
from typing import Any

import django
from django.conf import settings
from django.template import Context, Engine


def renderers(templates: Mapping[str, str]) -> Callable[[str, Mapping[str, Any]], str]:
    """A function that renders a template by its name, each compiled once."""
    if not settings.configured:
        settings.configure(USE_TZ=True, TIME_ZONE="UTC")
        django.setup()
    loaders = [
        (
            "django.template.loaders.cached.Loader",
            [("django.template.loaders.locmem.Loader", dict(templates))],
        )
    ]
    engine = Engine(loaders=loaders)

    def render(name: str, names: Mapping[str, Any]) -> str:
        return str(engine.get_template(name).render(Context(dict(names))))

    return render
