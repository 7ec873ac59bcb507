"""Whose a request is: the contract's sentence, in tables and against a naive reading of it."""

import pytest
from hypothesis import given, settings
from hypothesis.strategies import (
    DrawFn,
    composite,
    lists,
    none,
    sampled_from,
    sets,
    tuples,
)

from proxy.ownership.phases import Phase
from proxy.routing.config import RoutingConfig
from proxy.routing.parse import parse
from proxy.routing.rules import Rule, collisions
from proxy.routing.table import UNMATCHED, Match, RoutingTable

DOMAINS = ("boxes", "downloads", "pages")

TABLE = RoutingTable.build(
    parse(
        """
version: 1
domains:
  downloads:
    phase: reads
    routes:
      - /downloads/**
      - {path: /downloads/legacy-only/**, pin: legacy}
      - {path: /api/v2/downloads/**, methods: [GET, HEAD]}
      - /caf%C3%A9/**
  boxes:
    phase: canary
    weight: 12.5
    routes:
      - /downloads/boxes/**
      - {path: /downloads/boxes/**, methods: [POST]}
      - /api/**
      - {path: /about/, methods: [GET]}
  pages:
    phase: legacy
    routes:
      - /about/**
      - /about
      - /downloads/exact/
""",
        DOMAINS,
    )
)


def decided(method: str, raw_path: bytes) -> str | None:
    rule = TABLE.match(method, raw_path).rule
    return f"{rule.domain} {rule.path}" if rule else None


@pytest.mark.parametrize(
    ("raw_path", "expected"),
    [
        # a prefix on segment boundaries
        (b"/downloads", "downloads /downloads/**"),
        (b"/downloads/", "downloads /downloads/**"),
        (b"/downloads/release/python-3130/", "downloads /downloads/**"),
        (b"/downloads//release", "downloads /downloads/**"),
        (b"/downloadsx", None),
        (b"/downloadsx/", None),
        (b"/download", None),
        (b"/x/downloads/", None),
        # the longer prefix, wherever it is written
        (b"/downloads/boxes/1", "boxes /downloads/boxes/**"),
        (b"/downloads/boxes", "boxes /downloads/boxes/**"),
        (b"/downloads/boxesx", "downloads /downloads/**"),
        (b"/downloads/legacy-only/x", "downloads /downloads/legacy-only/**"),
        # exact over prefix; the trailing slash counts
        (b"/downloads/exact/", "pages /downloads/exact/"),
        (b"/downloads/exact", "downloads /downloads/**"),
        (b"/downloads/exact/x", "downloads /downloads/**"),
        (b"/about", "pages /about"),
        (b"/about/", "boxes /about/"),
        (b"/about/x", "pages /about/**"),
        # raw bytes: nothing is decoded, folded or resolved
        (b"/%64ownloads/", None),
        (b"/Downloads/", None),
        (b"/downloads%2Fboxes/", None),
        (b"/downloads/boxes%2F1", "downloads /downloads/**"),
        (b"/downloads/../admin/", "downloads /downloads/**"),
        (b"/./downloads/", None),
        (b"//downloads/", None),
        (b"/caf%C3%A9/", "downloads /caf%C3%A9/**"),
        (b"/caf%c3%a9/", None),
        ("/café/".encode(), None),
        # what is no path of the site
        (b"/", None),
        (b"", None),
        (b"*", None),
        (b"downloads/", None),
        (b"http://example.org/downloads/", None),
        (b"\xff\x00", None),
    ],
)
def test_paths(raw_path: bytes, expected: str | None) -> None:
    assert decided("GET", raw_path) == expected


@pytest.mark.parametrize(
    ("method", "raw_path", "expected"),
    [
        ("GET", b"/api/v2/downloads/os/", "downloads /api/v2/downloads/**"),
        ("HEAD", b"/api/v2/downloads/os/", "downloads /api/v2/downloads/**"),
        # a rule that is not for the method does not hide a less specific one
        ("POST", b"/api/v2/downloads/os/", "boxes /api/**"),
        ("OPTIONS", b"/api/v2/downloads/os/", "boxes /api/**"),
        ("POST", b"/about/", "pages /about/**"),
        # methods as sent
        ("get", b"/api/v2/downloads/os/", "boxes /api/**"),
    ],
)
def test_methods(method: str, raw_path: bytes, expected: str) -> None:
    assert decided(method, raw_path) == expected


def test_a_rule_with_methods_wins_over_one_without() -> None:
    with_methods = TABLE.match("POST", b"/downloads/boxes/1").rule
    without = TABLE.match("GET", b"/downloads/boxes/1").rule
    assert with_methods is not None
    assert without is not None
    assert (with_methods.methods, without.methods) == (("POST",), None)


def test_what_a_match_says() -> None:
    pinned = Rule("downloads", "/downloads/legacy-only/**", None, True, 8)
    assert TABLE.match("GET", b"/downloads/legacy-only/") == Match(
        "downloads", Phase.READS, Phase.READS, True, pinned, None
    )
    box = Rule("boxes", "/downloads/boxes/**", None, False, 15)
    assert TABLE.match("GET", b"/downloads/boxes/") == Match(
        "boxes", Phase.CANARY, Phase.CANARY, False, box, 12.5
    )
    assert TABLE.match("GET", b"/elsewhere") == UNMATCHED
    assert Match(None, Phase.LEGACY, Phase.LEGACY, False, None, None) == UNMATCHED


def test_order_of_decision() -> None:
    assert [(rule.path, rule.methods) for rule in TABLE.rules] == [
        ("/downloads/exact/", None),
        ("/about/", ("GET",)),
        ("/about", None),
        ("/downloads/legacy-only/**", None),
        ("/api/v2/downloads/**", ("GET", "HEAD")),
        ("/downloads/boxes/**", ("POST",)),
        ("/downloads/boxes/**", None),
        ("/caf%C3%A9/**", None),
        ("/downloads/**", None),
        ("/about/**", None),
        ("/api/**", None),
    ]


def test_no_rules_and_one_for_everything() -> None:
    nothing = RoutingTable.build(RoutingConfig(version=1))
    assert nothing.match("GET", b"/") is UNMATCHED
    everything = RoutingTable.build(
        parse("version: 1\ndomains:\n  pages: {phase: reads, routes: [/**, /]}\n", DOMAINS)
    )
    paths = (b"/", b"/x", b"//", b"", b"*")
    matched = [everything.match("GET", path).rule for path in paths]
    assert [rule and rule.path for rule in matched] == ["/", "/**", "/**", None, None]


SEGMENTS = sampled_from(["a", "ab", "b", "A", "a%2Fb", "%61"])
METHODS = sampled_from(["GET", "HEAD", "POST"])


@composite
def rules(draw: DrawFn) -> Rule:
    literal = "".join(f"/{segment}" for segment in draw(lists(SEGMENTS, max_size=3)))
    path = literal + draw(sampled_from(["/**", "/", ""])) or "/"
    methods = draw(none() | sets(METHODS, min_size=1))
    return Rule(draw(sampled_from(DOMAINS)), path, tuple(sorted(methods)) if methods else None)


def compatible(drawn: list[Rule]) -> list[Rule]:
    later = {later for _, later in collisions(drawn)}
    return [rule for index, rule in enumerate(drawn) if index not in later]


def naive(chosen: list[Rule], method: str, path: str) -> Rule | None:
    """The contract's sentence: the most specific of the rules that match wins."""

    def matches(rule: Rule) -> bool:
        if rule.methods is not None and method not in rule.methods:
            return False
        if not rule.path.endswith("/**"):
            return path == rule.path
        literal = rule.path.split("/")[:-1]
        return path.split("/")[: len(literal)] == literal

    def specificity(rule: Rule) -> tuple[bool, int, bool]:
        return not rule.path.endswith("/**"), len(rule.path.split("/")), rule.methods is not None

    return max(filter(matches, chosen), key=specificity, default=None)


def config_of(chosen: list[Rule]) -> RoutingConfig:
    return RoutingConfig.model_validate(
        {
            "version": 1,
            "domains": {
                name: {
                    "phase": "reads",
                    "routes": [
                        {"path": rule.path} | ({"methods": rule.methods} if rule.methods else {})
                        for rule in chosen
                        if rule.domain == name
                    ],
                }
                for name in DOMAINS
            },
        }
    )


PATHS = tuples(lists(SEGMENTS | sampled_from([""]), max_size=5), sampled_from(["", "/"])).map(
    lambda parts: "/" + "/".join(parts[0]) + parts[1]
)


@settings(deadline=None)
@given(lists(rules(), max_size=12).map(compatible), METHODS, lists(PATHS, min_size=1, max_size=8))
def test_the_table_decides_as_the_contract_says(
    chosen: list[Rule], method: str, paths: list[str]
) -> None:
    table = RoutingTable.build(config_of(chosen))
    for path in paths + [rule.path.removesuffix("/**") for rule in chosen]:
        if path:
            expected = naive(chosen, method, path)
            assert table.match(method, path.encode()).rule == expected
            covering = [rule for rule in table.rules if rule.covers(path.encode())]
            assert next((rule for rule in covering if rule.takes(method)), None) == expected
