"""Where templates are found, and when they are read again."""

import os
from pathlib import Path

import pytest
from jinja2 import DictLoader, TemplateNotFound

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.faults import TemplateFaultsError
from legacy_bridge.templates.loader import DjangoLoader


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_the_first_directory_wins_and_the_rest_comes_last(tmp_path: Path) -> None:
    _write(tmp_path / "site" / "a.html", "site")
    _write(tmp_path / "app" / "a.html", "app")
    _write(tmp_path / "app" / "b.html", "app b")
    loader = DjangoLoader(
        [tmp_path / "site", tmp_path / "app"], DictLoader({"b.html": "own b", "c.html": "own c"})
    )
    environment = TemplateEnvironment(loader)
    texts = [environment.template(name).render() for name in ("a.html", "b.html", "c.html")]
    assert texts == ["site", "app b", "own c"]
    assert loader.list_templates() == ["a.html", "b.html"]


def test_a_template_extends_its_namesake_further_down(tmp_path: Path) -> None:
    _write(
        tmp_path / "1" / "a.html",
        "{% extends 'a.html' %}{% block x %}1{{ block.super }}{% endblock %}",
    )
    _write(
        tmp_path / "2" / "a.html",
        "{% extends 'a.html' %}{% block x %}2{{ block.super }}{% endblock %}",
    )
    _write(tmp_path / "3" / "a.html", "<{% block x %}3{% endblock %}>")
    environment = TemplateEnvironment(
        DjangoLoader([tmp_path / "1", tmp_path / "2", tmp_path / "3"])
    )
    assert environment.template("a.html").render() == "<123>"
    alone = TemplateEnvironment(DjangoLoader([tmp_path / "1"]))
    with pytest.raises(TemplateNotFound):
        alone.template("a.html").render()


def test_a_changed_file_is_read_again_while_developing(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    _write(path, "old")
    developing = TemplateEnvironment(DjangoLoader([tmp_path]), auto_reload=True)
    serving = TemplateEnvironment(DjangoLoader([tmp_path]))
    assert (developing.template("a.html").render(), serving.template("a.html").render()) == (
        "old",
        "old",
    )
    _write(path, "{{ x }}")
    os.utime(path, ns=(1, 1))
    assert developing.template("a.html").render({"x": "new"}) == "new"
    assert serving.template("a.html").render({"x": "new"}) == "old"


@pytest.mark.parametrize("name", ["missing.html", "../secret.html", "a/../../secret.html"])
def test_nothing_outside_of_the_directories_is_found(tmp_path: Path, name: str) -> None:
    _write(tmp_path / "secret.html", "secret")
    (tmp_path / "site").mkdir()
    environment = TemplateEnvironment(DjangoLoader([tmp_path / "site"]))
    with pytest.raises(TemplateNotFound):
        environment.template(name)


def test_a_fault_names_the_file_and_the_line(tmp_path: Path) -> None:
    _write(tmp_path / "a.html", "\n{{ x|nothing }}\n{% endif %}")
    environment = TemplateEnvironment(DjangoLoader([tmp_path]))
    with pytest.raises(TemplateFaultsError) as caught:
        environment.template("a.html")
    places = [(fault.file, fault.line) for fault in caught.value.faults]
    assert places == [(str(tmp_path / "a.html"), 2), (str(tmp_path / "a.html"), 3)]
    assert caught.value.lineno == 2
