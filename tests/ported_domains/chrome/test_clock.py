"""How long a page with something of the moment holds."""

from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.loader import DjangoLoader
from ported_domains.chrome.clock import mind_the_clock
from ported_domains.shared.rendering import RENDERING


@pytest.mark.parametrize(
    ("source", "least", "most"),
    [
        ("{{ rows|length }}", float("inf"), float("inf")),
        ('{% now "Y" %}', 0, 900),
        ("{{ rows|random }}", 0, 60),
        ("{% lorem 3 w random %}", 0, 60),
        ("{% load cache %}{% cache 300 side %}x{% endcache %}", 300, 300),
        ("{% load cache %}{% cache None side %}x{% endcache %}", 0, 0),
    ],
)
def test_as_long_as_what_it_says(source: str, least: float, most: float) -> None:
    loader = DjangoLoader((), DictLoader({"page.html": source}))
    environment = TemplateEnvironment(loader, libraries=DJANGO)
    mind_the_clock(environment)
    for _ in range(2):  # the second time a part comes from the store
        asked: Any = SimpleNamespace(visit=SimpleNamespace(good_for=float("inf")))
        token = RENDERING.set(asked)
        try:
            environment.template("page.html").render({"rows": [1, 2]})
        finally:
            RENDERING.reset(token)
        assert least <= asked.visit.good_for <= most
