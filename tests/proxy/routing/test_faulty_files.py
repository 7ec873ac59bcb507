"""Faulty files, and what the parser, the command and the schema say of each."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from proxy.cli.routes import routes
from proxy.routing.parse import RoutingError, parse
from proxy.routing.schema import json_schema

KNOWN = ("boxes", "downloads", "pages")


@dataclass(frozen=True)
class Faulty:
    """A file and its faults as (line, part of the message), in order.

    `schema_accepts`: the fault shows only to a reader of the text, or of two places at once.
    """

    text: str
    faults: list[tuple[int, str]]
    schema_accepts: bool = False


def domain(body: str) -> str:
    """A file whose domain downloads has this body; the body begins in line 4."""
    return "version: 1\ndomains:\n  downloads:\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )


def legacy(body: str) -> str:
    """A file whose mapping legacy has this body; the body begins in line 3."""
    return "version: 1\nlegacy:\n" + "".join(f"  {line}\n" for line in body.splitlines())


def rule(written: str) -> str:
    """A file with one rule, in line 6."""
    return domain(f"phase: reads\nroutes:\n  - {written}")


NO_SLASH = "does not begin with a slash"
STAR = "has a * that is not a last segment /**"
EMPTY_SEGMENT = "has an empty segment"

FAULTY = {
    # the file as such
    "empty": Faulty("", [(1, "the file is empty")]),
    "comments only": Faulty("# nothing\n\n# here\n", [(1, "the file is empty")]),
    "document mark only": Faulty("---\n", [(1, "the file is empty")]),
    "a list": Faulty("\n- version: 1\n", [(2, "the file is not a mapping")]),
    "a text": Faulty("version 1\n", [(1, "the file is not a mapping")]),
    # not YAML
    "unclosed bracket": Faulty("version: 1\ndomains: {boxes: [\n", [(3, "not YAML")]),
    "unclosed quote": Faulty('version: 1\nlegacy:\n  timeout: "30s\n', [(4, "not YAML")]),
    "tab": Faulty("version: 1\nlegacy:\n\ttimeout: 30s\n", [(3, "found character '\\t'")]),
    "colon in value": Faulty("version: 1\nlegacy: timeout: 30s\n", [(2, "not YAML")]),
    "control character": Faulty("version: 1\n# \x07\n", [(2, "control character 0x07")]),
    "two documents": Faulty("version: 1\n---\nversion: 1\n", [(2, "another document")]),
    "bad indentation": Faulty(domain("phase: reads\n routes: []"), [(5, "not YAML")]),
    # YAML that would not be what it looks like
    "duplicate key": Faulty(
        domain("phase: legacy\nphase: reads"), [(5, "key 'phase' is there twice, first in line 4")]
    ),
    "duplicate domain": Faulty(
        "version: 1\ndomains:\n  boxes: {phase: legacy}\n  boxes: {phase: reads}\n",
        [(4, "key 'boxes' is there twice, first in line 3")],
    ),
    "duplicate version": Faulty(
        "version: 1\nversion: 1\n", [(2, "key 'version' is there twice, first in line 1")]
    ),
    "merge key": Faulty(
        "version: 1\ndomains:\n  boxes: &all {phase: legacy}\n  pages:\n    <<: *all\n",
        [(4, "domains.pages.phase: is missing"), (5, "merge keys (<<) are not supported")],
        schema_accepts=True,
    ),
    "tag": Faulty(
        domain("phase: !env PHASE"),
        [(4, "domains.downloads.phase: 'PHASE' is not known"), (4, "the tag '!env'")],
    ),
    "tagged mapping": Faulty(
        "version: 1\ndomains: !!set {}\n", [(2, "the tag 'set' is not supported")]
    ),
    "number as key": Faulty("version: 1\n404: x\n", [(2, "key '404' is not a name")]),
    "list as key": Faulty("version: 1\n? [a]\n: x\n", [(2, "key is not a name")]),
    "alias within itself": Faulty("version: &v [*v]\n", [(1, "aliases make the file endless")]),
    "alias bomb": Faulty(
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in ("ab", "bc", "cd", "de")),
        [(1, "aliases make the file endless or far too large")],
    ),
    "unknown alias": Faulty("version: *one\n", [(1, "undefined alias")]),
    "too deep": Faulty("version: " + "[" * 20 + "]" * 20 + "\n", [(1, "nested more than 16 deep")]),
    "yaml 1.1 off": Faulty(
        "%YAML 1.1\n---\nversion: 1\ndomains:\n  boxes: {phase: off}\n",
        [(5, "domains.boxes.phase: false is not known here")],
    ),
    # version
    "no version": Faulty("domains: {}\n", [(1, "version: is missing")]),
    "version 2": Faulty("version: 2\n", [(1, "version: version 2 is not supported")]),
    "version as text": Faulty('version: "1"\n', [(1, "version: must be the number 1, not '1'")]),
    "version true": Faulty("version: true\n", [(1, "version: must be the number 1, not true")]),
    "version without value": Faulty("version:\n", [(1, "version: has no value")]),
    # keys and types
    "unknown key": Faulty(
        "version: 1\nrouting: {}\ndomain: {}\n",
        [(2, "routing: this key is not known"), (3, "domain: this key is not known")],
    ),
    "unknown key without value": Faulty(
        "version: 1\nretries:\n", [(2, "retries: this key is not known")]
    ),
    "line break in a name": Faulty(
        'version: 1\ndomains:\n  "boxes\\n": {phase: legacy}\n', [(3, "is no name of a domain")]
    ),
    "unknown keys below": Faulty(
        "version: 1\nlegacy:\n  timeouts: 3\ndomains:\n  boxes:\n    phase: legacy\n    route: []\n"
        "    routes:\n      - {path: /b, method: [GET]}\n",
        [
            (3, "legacy.timeouts: this key is not known"),
            (7, "domains.boxes.route: this key is not known"),
            (9, "domains.boxes.routes[0].method: this key is not known"),
        ],
    ),
    "wrong types": Faulty(
        "version: 1\nlegacy: 30s\ndomains: [boxes]\n",
        [(2, "legacy: must be a mapping, not '30s'"), (3, "domains: must be a mapping, not a l")],
    ),
    "keys without value": Faulty(
        "version: 1\nlegacy:\ndomains:\n  boxes:\n  pages: {phase: , routes: }\n",
        [
            (2, "legacy: has no value"),
            (4, "domains.boxes: has no value"),
            (5, "domains.pages.phase: has no value"),
            (5, "domains.pages.routes: has no value"),
        ],
    ),
    "bad durations": Faulty(
        "version: 1\nlegacy:\n  timeout: 30 seconds\n  connect_timeout: 0\n",
        [
            (3, "legacy.timeout: '30 seconds' is no duration"),
            (4, "legacy.connect_timeout: the number 0 is no duration above 0"),
        ],
    ),
    "endless duration": Faulty("version: 1\nlegacy: {timeout: .inf}\n", [(2, "no duration above")]),
    "bad size": Faulty("version: 1\nlegacy: {max_body: 32mb}\n", [(2, "'32mb' is no size")]),
    "retries as text": Faulty(
        'version: 1\nlegacy: {retries: "2"}\n', [(2, "legacy.retries: must be a whole number")]
    ),
    "too many retries": Faulty(
        "version: 1\nlegacy: {retries: 11}\n", [(2, "legacy.retries: 11 is out of range")]
    ),
    # several upstreams
    "urls as text": Faulty(
        "version: 1\nlegacy: {urls: http://a}\n", [(2, "legacy.urls: must be a list, not 'http:")]
    ),
    "urls without value": Faulty("version: 1\nlegacy: {urls: }\n", [(2, "urls: has no value")]),
    "no urls": Faulty(
        "version: 1\nlegacy: {urls: []}\n", [(2, "must be a list of at least one, not an empty")]
    ),
    "urls that are none": Faulty(
        legacy(
            "urls:\n  - a:8001\n  - ftp://a\n  - http://\n  - http://a/site/\n  - http://a?x\n"
            "  - http://a:0\n  - http://a:65536\n  - http://[12]\n  - http://a b\n  - 7\n  -"
        ),
        [
            (4, "legacy.urls[0]: 'a:8001' is no URL with http:// or https://"),
            (5, "legacy.urls[1]: 'ftp://a' is no URL with"),
            (6, "legacy.urls[2]: 'http://' is more or less than scheme, host and port"),
            (7, "legacy.urls[3]: 'http://a/site/' is more or less than"),
            (8, "legacy.urls[4]: 'http://a?x' is more or less than"),
            (9, "legacy.urls[5]: 'http://a:0' has no port from 1 to 65535"),
            (10, "legacy.urls[6]: 'http://a:65536' has no port from 1 to 65535"),
            (11, "legacy.urls[7]: 'http://[12]' has no IPv6 address in its brackets"),
            (12, "legacy.urls[8]: 'http://a b' is more or less than"),
            (13, "legacy.urls[9]: must be a text, not the number 7"),
            (14, "legacy.urls[10]: '' is no URL with"),
        ],
    ),
    "port 0": Faulty(
        "version: 1\nlegacy: {urls: [http://a:0]}\n", [(2, "no port from 1")], schema_accepts=True
    ),
    "url with a password": Faulty(
        "version: 1\nlegacy: {urls: [http://me:secret@a]}\n",
        [(2, "legacy.urls[0]: carries a user name or password")],
    ),
    "url twice": Faulty(
        legacy("urls:\n  - http://a\n  - http://b\n  - http://a"),
        [(6, "legacy.urls[2]: http://a is there twice, first in line 4")],
    ),
    "url twice in other words": Faulty(
        legacy("urls:\n  - http://a\n  - http://A:80/"),
        [(5, "legacy.urls[1]: http://a is there twice, first in line 4")],
        schema_accepts=True,
    ),
    "two schemes": Faulty(
        legacy("urls:\n  - https://a\n  - http://b\n  - https://c"),
        [(5, "legacy.urls[1]: http://b has another scheme than https://a in line 4")],
        schema_accepts=True,
    ),
    "numbers of the pool": Faulty(
        legacy("pool: 0\nwaiting: -1\nkeepalive: 0s\nretry_budget: 101"),
        [
            (3, "legacy.pool: 0 is out of range"),
            (4, "legacy.waiting: -1 is out of range"),
            (5, "legacy.keepalive: '0s' is no duration"),
            (6, "legacy.retry_budget: the number 101 is no percentage"),
        ],
    ),
    "breaker as number": Faulty(
        legacy("breaker: 5"), [(3, "legacy.breaker: must be a mapping, not the number 5")]
    ),
    "breaker without value": Faulty(legacy("breaker:"), [(3, "legacy.breaker: has no value")]),
    "keys of breaker": Faulty(
        legacy("breaker:\n  failurs: 5\n  open:\n  failures: 1.5"),
        [
            (4, "legacy.breaker.failurs: this key is not known"),
            (5, "legacy.breaker.open: has no value"),
            (6, "legacy.breaker.failures: must be a whole number, not the number 1.5"),
        ],
    ),
    "values of breaker": Faulty(
        legacy("breaker:\n  failures: 0\n  open: soon"),
        [
            (4, "legacy.breaker.failures: 0 is out of range"),
            (5, "legacy.breaker.open: 'soon' is no duration"),
        ],
    ),
    "health as list": Faulty(
        legacy("health: [/a]"), [(3, "legacy.health: must be a mapping, not a list")]
    ),
    "health without value": Faulty(legacy("health:"), [(3, "legacy.health: has no value")]),
    "health without path": Faulty(
        legacy("health:\n  interval: 5s\n  stats: 200"),
        [(3, "legacy.health.path: is missing"), (5, "legacy.health.stats: this key is not known")],
    ),
    "health nowhere": Faulty(
        legacy("health: health/"), [(3, "legacy.health.path: 'health/' is no path in ASCII")]
    ),
    "values of health": Faulty(
        legacy(
            "health:\n  path: '/a b'\n  interval: 0\n  timeout: []\n  failures: 1001\n"
            "  successes: true\n  status: 100"
        ),
        [
            (4, "legacy.health.path: '/a b' is no path in ASCII"),
            (5, "legacy.health.interval: the number 0 is no duration above 0"),
            (6, "legacy.health.timeout: a list is no duration"),
            (7, "legacy.health.failures: 1001 is out of range"),
            (8, "legacy.health.successes: must be a whole number, not true"),
            (9, "legacy.health.status: 100 is out of range"),
        ],
    ),
    "path of health as number": Faulty(
        legacy("health: {path: 7}"), [(3, "legacy.health.path: the number 7 is no path")]
    ),
    # domains
    "unknown domain": Faulty(
        "version: 1\ndomains:\n  downlods: {phase: reads}\n",
        [(3, "domains.downlods: there is no such domain")],
    ),
    "no phase": Faulty(domain("routes: []"), [(3, "domains.downloads.phase: is missing")]),
    "phase off": Faulty(domain("phase: off"), [(4, "domains.downloads.phase: 'off' is not known")]),
    "phase in capitals": Faulty(domain("phase: Reads"), [(4, "phase: 'Reads' is not known")]),
    "canary without weight": Faulty(
        domain("phase: canary"), [(4, "domains.downloads.weight: phase canary needs a weight")]
    ),
    "canary with empty weight": Faulty(
        domain("phase: canary\nweight:"),
        [(4, "phase canary needs a weight"), (5, "weight: has no value")],
    ),
    "weight too large": Faulty(
        domain("phase: canary\nweight: 101"), [(5, "the number 101 is no percentage")]
    ),
    "weight as text": Faulty(
        domain("phase: canary\nweight: 10%"), [(5, "weight: must be a number, not '10%'")]
    ),
    "weight not a number": Faulty(
        domain("phase: canary\nweight: .nan"), [(5, "the number nan is no percentage")]
    ),
    # rules
    "routes as text": Faulty(
        domain("phase: reads\nroutes: /downloads/**"), [(5, "routes: must be a list, not '/down")]
    ),
    "rule without value": Faulty(rule(""), [(6, "routes[0]: has no value")]),
    "rule as number": Faulty(rule("7"), [(6, "routes[0]: must be a mapping, not the number 7")]),
    "rule without path": Faulty(rule("{methods: [GET]}"), [(6, "routes[0].path: is missing")]),
    "path as list": Faulty(rule("{path: [/a]}"), [(6, "routes[0].path: must be a text, not a l")]),
    "methods as text": Faulty(
        rule("{path: /a, methods: GET}"), [(6, "routes[0].methods: must be a list, not 'GET'")]
    ),
    "no methods": Faulty(
        rule("{path: /a, methods: []}"), [(6, "must be a list of at least one, not an empty list")]
    ),
    "methods without value": Faulty(
        rule("{path: /a, methods: }"), [(6, "routes[0].methods: has no value")]
    ),
    "method in small letters": Faulty(
        rule("{path: /a, methods: [HEAD, get]}"), [(6, "methods[1]: 'get' is not known here")]
    ),
    "method that is none": Faulty(rule("{path: /a, methods: [FETCH]}"), [(6, "'FETCH' is not")]),
    "method twice": Faulty(
        rule("{path: /a, methods: [GET, GET]}"), [(6, "routes[0].methods: GET is named twice")]
    ),
    "pin native": Faulty(rule("{path: /a, pin: native}"), [(6, "pin: 'native' is not known here")]),
    "pin without value": Faulty(rule("{path: /a, pin: }"), [(6, "routes[0].pin: has no value")]),
    "no slash": Faulty(rule("downloads/**"), [(6, NO_SLASH)]),
    "no path": Faulty(rule("''"), [(6, NO_SLASH)]),
    "URL": Faulty(rule("https://example.org/a"), [(6, NO_SLASH), (6, EMPTY_SEGMENT)]),
    "stars not last": Faulty(rule("/downloads/**/files"), [(6, STAR)]),
    "one star": Faulty(rule("/downloads/*"), [(6, STAR)]),
    "stars glued on": Faulty(rule("/downloads**"), [(6, STAR)]),
    "stars twice": Faulty(rule("/downloads/**/**"), [(6, STAR)]),
    "empty segment": Faulty(rule("/downloads//files"), [(6, EMPTY_SEGMENT)]),
    "empty segment last": Faulty(rule("/downloads//**"), [(6, EMPTY_SEGMENT)]),
    "dots": Faulty(rule("/downloads/../admin/"), [(6, "has a segment . or ..")]),
    "query": Faulty(rule("/downloads/?page=2"), [(6, "has a query or a fragment")]),
    "fragment": Faulty(rule("'/downloads/#files'"), [(6, "has a query or a fragment")]),
    "white space": Faulty(rule("/down loads/"), [(6, "contains white space")]),
    "bad escape": Faulty(rule("/100%/"), [(6, "has a percent sign without two hex digits")]),
    "not ASCII": Faulty(rule("/café/"), [(6, "has a character that a path carries percent-enc")]),
    "placeholder": Faulty(rule("'/downloads/{slug}/'"), [(6, "has a placeholder")]),
    # rules side by side
    "equally specific": Faulty(
        "version: 1\ndomains:\n  boxes: {phase: legacy, routes: [/x/**]}\n  pages:\n"
        "    phase: reads\n    routes:\n      - /x\n      - /x/**\n",
        [(8, "/x/** of pages and /x/** of boxes in line 3 are equally specific")],
        schema_accepts=True,
    ),
    "equally specific for one method": Faulty(
        "version: 1\ndomains:\n  boxes:\n    phase: legacy\n    routes:\n"
        "      - {path: /x, methods: [GET, HEAD]}\n  pages:\n    phase: reads\n    routes:\n"
        "      - {path: /x, methods: [POST, GET]}\n",
        [(10, "/x of pages and /x of boxes in line 6 are equally specific")],
        schema_accepts=True,
    ),
    "rule twice": Faulty(
        domain("phase: reads\nroutes: [/x/**, {path: /x/**, pin: legacy}]"),
        [(5, "/x/** is a rule of downloads already, in line 5")],
        schema_accepts=True,
    ),
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
