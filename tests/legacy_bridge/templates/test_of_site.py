"""The environment of the bundled project, from its manifest alone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from jinja2.meta import find_undeclared_variables

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import parse
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.of_site import site_environment
from legacy_bridge.templates.site import NoReverseMatchError
from ported_domains.look import BUILT_IN
from ported_domains.templatetags import LIBRARIES
from tests.legacy_bridge.manifest.exporting import BUNDLED, exported

TEMPLATES = [Path(__file__).parents[2] / "legacy_site" / "templates", BUILT_IN]


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return parse(exported(BUNDLED))


@pytest.fixture(scope="module")
def environment(manifest: Manifest) -> TemplateEnvironment:
    return site_environment(manifest, TEMPLATES, libraries=LIBRARIES)


def test_urls_files_and_times_are_the_projects(environment: TemplateEnvironment) -> None:
    page = environment.from_django(
        "{% load static %}{% url 'download:download' %} {% static 'a.css' %} {{ when }} {{ n }}"
        "{% url 'nothing' as none %}[{{ none }}]"
    )
    when = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    assert page.render({"when": when, "n": 1234}) == (
        "/downloads/ /static/a.css Jan. 2, 2026, 3:04 a.m. 1234[]"
    )
    with pytest.raises(NoReverseMatchError):
        environment.from_django("{% url 'nothing' %}").render()


def test_the_projects_pages_are_rendered(environment: TemplateEnvironment) -> None:
    text = environment.template("honeypot/honeypot_field.html").render(
        {"fieldname": "<trap>", "value": "leave"}
    )
    assert "&lt;trap&gt;" in text
    assert "leave" in text


def test_what_a_template_asks_for_is_known_before_it_is_rendered(
    environment: TemplateEnvironment,
) -> None:
    loader = environment.loader
    assert loader is not None
    source = loader.get_source(environment, "downloads/release_detail.html")[0]
    names = find_undeclared_variables(environment.parse(source))
    assert {"release", "featured_files", "get_eol_info", "url"} <= names
    assert "file" not in names
