"""Faulty files, and what the parser, the command and the schema say of each."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from proxy.cli.routes import routes
from proxy.routing.parse import RoutingError, parse
from proxy.routing.schema import json_schema
from tests.proxy.routing.faulty.as_text import AS_TEXT
from tests.proxy.routing.faulty.domains import DOMAINS, NO_SLASH
from tests.proxy.routing.faulty.shape import Faulty, domain, legacy
from tests.proxy.routing.faulty.upstreams import UPSTREAMS

KNOWN = ("boxes", "downloads", "pages")

FAULTY = {
    **AS_TEXT,
    **UPSTREAMS,
    **DOMAINS,
    # everything at once, whatever else is wrong
    "all at once": Faulty(
        "version: 2\nlegacy:\n  timeout: soon\ndomains:\n  nowhere:\n    phase: canary\n"
        "    phase: reads\n    routes:\n      - /a/**\n      - b\n  boxes:\n    phase: on\n"
        "    routes: [/a/**]\n",
        [
            (1, "version 2 is not supported"),
            (3, "'soon' is no duration"),
            (5, "there is no such domain"),
            (6, "phase canary needs a weight"),
            (7, "key 'phase' is there twice"),
            (10, NO_SLASH),
            (12, "'on' is not known here"),
            (13, "/a/** of boxes and /a/** of nowhere in line 9 are equally specific"),
        ],
    ),
}

SOUND = {
    "version alone": "version: 1\n",
    "as the contract shows it": (
        "version: 1\n"
        "legacy:\n"
        "  timeout: 30s            # also: connect_timeout, retries, max_body, ...\n"
        "domains:\n"
        "  downloads:\n"
        "    phase: legacy         # legacy | shadow | canary | reads | native | retired\n"
        "    weight: 10            # canary only: percent of visitors\n"
        "    routes:\n"
        "      - /downloads/**     # a prefix on segment boundaries; /downloads/ itself too\n"
        "      - /getit/**\n"
        "      - {path: /api/v2/downloads/**, methods: [GET, HEAD]}\n"
        "      - {path: /downloads/legacy-only/**, pin: legacy}\n"
    ),
    "everything": (
        "version: 1\n"
        "legacy: {timeout: 1.5, connect_timeout: 500ms, retries: 0, max_body: 32MB}\n"
        "domains:\n"
        "  boxes: {phase: canary, weight: 0.5}\n"
        "  pages:\n"
        "    phase: retired\n"
        "    routes: [/, /**, /about, /about/, /%C3%A9/**, {path: /a.b/~c, methods: [POST]}]\n"
    ),
    "several upstreams": legacy(
        "urls: [http://10.0.0.7:8001, http://web_2.internal, 'http://[::1]:8001', http://b/]\n"
        "pool: 50\nwaiting: 0\nkeepalive: 1.5s\nretry_budget: 12.5\n"
        "breaker: {failures: 3, open: 500ms}\nhealth:\n  path: /health/?deep=1\n  interval: 5\n"
        "  timeout: 2s\n  failures: 2\n  successes: 1\n  status: 204"
    ),
    "health by its path": legacy("health: /"),
    "parts without keys": legacy("breaker: {}"),
    "same path, methods apart": domain(
        "phase: reads\nroutes:\n  - {path: /x, methods: [GET]}\n  - {path: /x, methods: [POST]}\n"
        "  - /x"
    ),
    "alias": domain(
        "phase: reads\nroutes:\n  - {path: /x, methods: &read [GET, HEAD]}\n"
        "  - {path: /y, methods: *read}"
    ),
    "byte order mark": "\ufeffversion: 1\n",
    "Windows line ends": "version: 1\r\ndomains: {}\r\n",
}


def found(text: str) -> list[tuple[int, str]]:
    with pytest.raises(RoutingError) as caught:
        parse(text, KNOWN)
    return [(fault.line, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("name", FAULTY)
def test_every_fault_is_named_with_its_line(name: str) -> None:
    actual = found(FAULTY[name].text)
    expected = FAULTY[name].faults
    assert [line for line, _ in actual] == [line for line, _ in expected], actual
    for (_, message), (_, part) in zip(actual, expected, strict=True):
        assert part in message


@pytest.mark.parametrize("name", FAULTY)
def test_check_prints_one_line_a_fault_and_exits_2(name: str, tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(FAULTY[name].text, encoding="utf-8")
    result = CliRunner().invoke(routes, ["check", str(file)])
    assert result.exit_code == 2
    printed = result.stdout.splitlines()
    assert len(printed) == len(FAULTY[name].faults)
    for line, (number, part) in zip(printed, FAULTY[name].faults, strict=True):
        assert line.startswith(f"{file}:{number}:")
        assert part in line
        assert line.partition(" — ")[2], "a remedy"


@pytest.mark.parametrize("name", SOUND)
def test_sound_files_are_read(name: str) -> None:
    assert parse(SOUND[name], KNOWN).version == 1


validator = Draft202012Validator(json_schema(KNOWN))


def as_editors_read(text: str) -> object:
    """The values of a text, with merge keys and tags as YAML defines them."""
    return YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))


NO_VALUES = [
    name for name in FAULTY if any("not YAML" in part for _, part in FAULTY[name].faults)
] + [
    "tab",
    "control character",
    "two documents",
    "unknown alias",
    "tag",
    "tagged mapping",
    "duplicate key",
    "duplicate domain",
    "duplicate version",
    "alias bomb",
    "alias within itself",
    "list as key",
    "all at once",
    "endless duration",
    "weight not a number",
]
"""What editors refuse as YAML, or what JSON cannot say."""


@pytest.mark.parametrize("name", [name for name in FAULTY if name not in NO_VALUES])
def test_the_schema_refuses_what_the_parser_refuses(name: str) -> None:
    values = as_editors_read(FAULTY[name].text)
    assert validator.is_valid(values) is FAULTY[name].schema_accepts


@pytest.mark.parametrize("name", SOUND)
def test_the_schema_accepts_what_the_parser_accepts(name: str) -> None:
    validator.validate(as_editors_read(SOUND[name]))
