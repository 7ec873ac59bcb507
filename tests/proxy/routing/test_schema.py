"""The committed JSON Schema and the committed routing.yaml belong to this version of the model."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis.strategies import from_regex, lists, sampled_from, text
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ported_domains.registry import DOMAINS
from proxy.cli.routes import routes
from proxy.ownership.phases import Phase
from proxy.routing.parse import load
from proxy.routing.patterns import GRAMMAR, problems

TOP = Path(__file__).parents[3]
COMMITTED = TOP / "docs" / "routing.schema.json"


def test_the_committed_schema_is_current() -> None:
    printed = CliRunner().invoke(routes, ["schema"]).stdout
    assert COMMITTED.read_text() == printed, "strangler routes schema > docs/routing.schema.json"
    Draft202012Validator.check_schema(json.loads(printed))


def test_editors_complete_domains_and_phases() -> None:
    schema = json.loads(COMMITTED.read_text())
    assert set(schema["properties"]["domains"]["properties"]) == set(DOMAINS)
    assert schema["$defs"]["Phase"]["enum"] == list(Phase)


def test_the_sample_names_the_schema_and_is_sound() -> None:
    sample = TOP / "routing.yaml"
    written = sample.read_text()
    assert written.startswith("# yaml-language-server: $schema=docs/routing.schema.json\n")
    Draft202012Validator(json.loads(COMMITTED.read_text())).validate(YAML(typ="safe").load(written))
    config = load(sample, DOMAINS)
    names = ["downloads", "users", "boxes", "community", "minutes", "blogs", "successstories"]
    phases = {name: domain.phase for name, domain in config.domains.items()}
    assert phases == dict.fromkeys([*names, "site_pages", "pages"], Phase.LEGACY)
    assert [(route.path, route.methods) for route in config.domains["downloads"].routes] == [
        ("/downloads/**", None),
        ("/getit/**", None),
        ("/release-edit-button/**", None),
        ("/api/v1/downloads/**", None),
        ("/api/v2/downloads/**", None),
    ]
    assert [(route.path, route.methods) for route in config.domains["users"].routes] == [
        ("/accounts/**", None),
        ("/users/**", None),
    ]


PIECES = sampled_from(
    ["/", "//", "/**", "*", "**", "a", "A.b", "..", ".", "%2F", "%", "é", "?", " "]
)


@pytest.mark.parametrize(
    "pattern", ["/", "/**", "/a", "/a/", "/a/**", "/.a/..b/", "/%2f", "/a:b@c"]
)
def test_legal_patterns(pattern: str) -> None:
    assert problems(pattern) == ()
    assert re.search(GRAMMAR, pattern)


@settings(deadline=None)
@given(lists(PIECES).map("".join) | text() | from_regex(GRAMMAR))
def test_the_grammar_in_the_schema_is_the_one_in_the_parser(pattern: str) -> None:
    grammatical = re.fullmatch(GRAMMAR, pattern) is not None and not pattern.endswith("\n")
    assert grammatical is (problems(pattern) == ())
