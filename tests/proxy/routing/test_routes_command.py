"""`strangler routes` on sound files; faulty ones are in test_faulty_files.py."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from proxy.cli.routes import routes
from proxy.ownership.phases import HELD, Phase

TEXT = """\
version: 1
domains:
  downloads:
    phase: native
    routes:
      - /downloads/**
      - {path: /downloads/legacy-only/**, pin: legacy}
      - {path: /api/v2/downloads/**, methods: [GET, HEAD]}
      - {path: /api/v2/downloads/upload/, methods: [POST]}
  pages:
    phase: legacy
    weight: 5
    routes: [/**]
  events:
    phase: canary
    weight: 10
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """./routing.yaml of an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STRANGLER_ROUTING", raising=False)
    path = tmp_path / "routing.yaml"
    path.write_text(TEXT)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(routes, arguments)


def said(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def reported(*arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(said(*arguments, "--json"))
    return report


@pytest.mark.usefixtures("file")
def test_check_notes_what_is_held() -> None:
    one_way = HELD[Phase.NATIVE].reason
    assert said("check").splitlines() == [
        f"routing.yaml:3: note: downloads: native is held at reads: {one_way}",
        "routing.yaml:10: note: pages: weight counts in phase canary only",
        "routing.yaml:14: note: events: canary is held at legacy: its pages are not ported yet",
        "routing.yaml: no faults (domains: 3, rules: 5)",
    ]
    report = reported("check")
    assert (report["ok"], report["faults"]) == (True, [])
    assert [note["line"] for note in report["notes"]] == [3, 10, 14]


def test_the_file_is_named_by_the_setting_or_the_command(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = file.with_name("other.yaml")
    other.write_text("version: 1\n")
    monkeypatch.setenv("STRANGLER_ROUTING", str(other))
    assert said("check") == f"{other}: no faults (domains: 0, rules: 0)\n"
    assert said("check", str(file)).endswith(f"{file}: no faults (domains: 3, rules: 5)\n")
    assert reported("list")["rules"] == []
    assert len(reported("list", "--file", str(file))["rules"]) == 5
    assert reported("explain", "GET", "/", "-f", str(file))["rule"]["path"] == "/**"


@pytest.mark.usefixtures("file")
def test_list_is_in_the_order_of_decision() -> None:
    rules = reported("list")["rules"]
    assert [(row["rule"]["path"], row["safe"], row["other"]) for row in rules] == [
        ("/api/v2/downloads/upload/", None, "legacy"),
        ("/downloads/legacy-only/**", "legacy", "legacy"),
        ("/api/v2/downloads/**", "native", None),
        ("/downloads/**", "native", "legacy"),
        ("/**", "legacy", "legacy"),
    ]
    assert rules[3] == {
        "rule": {
            "domain": "downloads",
            "path": "/downloads/**",
            "methods": None,
            "pinned": False,
            "line": 6,
            "name": "/downloads/**",
        },
        "wanted": "native",
        "phase": "reads",
        "safe": "native",
        "other": "legacy",
    }


@pytest.mark.usefixtures("file")
def test_list_as_a_table() -> None:
    rows = [line.split() for line in said("list").splitlines() if line.strip()]
    held = ["native", "(held", "at", "reads)"]
    pinned = ["native", "(held", "at", "reads),", "pinned", "legacy", "legacy"]
    assert rows[0] == ["path", "methods", "domain", "phase", "safe", "other", "line"]
    assert rows[2:] == [
        ["/api/v2/downloads/upload/", "POST", "downloads", *held, "-", "legacy", "9"],
        ["/downloads/legacy-only/**", "all", "methods", "downloads", *pinned, "7"],
        ["/api/v2/downloads/**", "GET", "HEAD", "downloads", *held, "native", "-", "8"],
        ["/downloads/**", "all", "methods", "downloads", *held, "native", "legacy", "6"],
        ["/**", "all", "methods", "pages", "legacy", "legacy", "legacy", "13"],
        ["everything", "else", "all", "methods", "-", "-", "legacy", "legacy", "-"],
    ]


@pytest.mark.usefixtures("file")
def test_explain_says_who_and_why() -> None:
    assert said("explain", "GET", "/downloads/legacy-only/x").splitlines() == [
        "GET /downloads/legacy-only/x: legacy",
        "  domain downloads, phase native (held at reads), pinned to legacy",
        f"  held because {HELD[Phase.NATIVE].reason}",
        "  decided by /downloads/legacy-only/** (all methods), routing.yaml:7",
        "  not /downloads/** of downloads, routing.yaml:6: a longer path wins",
        "  not /** of pages, routing.yaml:13: a longer path wins",
    ]


@pytest.mark.parametrize(
    ("method", "path", "owner", "decided", "others"),
    [
        ("GET", "/downloads/x/?q=1#top", "native", "/downloads/**", {"/**": "a longer path wins"}),
        ("get", "/downloads", "native", "/downloads/**", {"/**": "a longer path wins"}),
        ("PUT", "/downloads/", "legacy", "/downloads/**", {"/**": "a longer path wins"}),
        (
            "POST",
            "https://www.python.org/api/v2/downloads/upload/?a=b",
            "legacy",
            "/api/v2/downloads/upload/",
            {
                "/api/v2/downloads/**": "is for GET, HEAD only",
                "/**": "an exact path wins over a prefix",
            },
        ),
        (
            "GET",
            "/api/v2/downloads/upload/",
            "native",
            "/api/v2/downloads/**",
            {"/api/v2/downloads/upload/": "is for POST only", "/**": "a longer path wins"},
        ),
        ("GET", "https://www.python.org", "legacy", "/**", {}),
        ("GET", "https://www.python.org?x=/downloads/", "legacy", "/**", {}),
        ("GET", "//downloads/", "legacy", "/**", {}),
        ("GET", "/%64ownloads/", "legacy", "/**", {}),
    ],
)
@pytest.mark.usefixtures("file")
def test_explain(method: str, path: str, owner: str, decided: str, others: dict[str, str]) -> None:
    report = reported("explain", method, path)
    assert report["method"] == method.upper()
    assert (report["owner"], report["rule"]["path"]) == (owner, decided)
    assert {other["rule"]["path"]: other["why"] for other in report["others"]} == others


@pytest.mark.usefixtures("file")
def test_explain_a_path_as_a_browser_sends_it() -> None:
    assert reported("explain", "GET", "/café au lait/[1]/a%2Fb")["path"] == (
        "/caf%C3%A9%20au%20lait/[1]/a%2Fb"
    )


def test_explain_where_no_rule_matches(file: Path) -> None:
    file.write_text("version: 1\ndomains:\n  events:\n    phase: reads\n    routes: [/boxes/**]\n")
    assert said("explain", "GET", "/elsewhere").splitlines() == [
        "GET /elsewhere: legacy",
        "  no rule takes it, and what no rule takes goes to the legacy site",
    ]
    assert reported("explain", "GET", "/elsewhere")["rule"] is None


def test_without_a_manifest_it_is_said_that_nobody_knows(file: Path) -> None:
    file.write_text("version: 1\ndomains:\n  downloads: {phase: reads, routes: [/**]}\n")
    owner, why, *_ = said("explain", "GET", "/admin/").splitlines()
    assert owner == "GET /admin/: native"
    assert why == (
        "  without a manifest (STRANGLER_LEGACY_MANIFEST) nobody knows whether the legacy site "
        "alone has a page there"
    )
    assert reported("check")["warnings"][0]["kind"] == "unknown"
    assert run("check", "--strict").exit_code == 1


@pytest.mark.usefixtures("file")
def test_explain_what_the_proxy_answers_itself() -> None:
    assert said("explain", "GET", "/__strangler__/health/live").splitlines() == [
        "GET /__strangler__/health/live: proxy",
        "  the proxy answers everything below /__strangler__/ itself",
    ]
    assert reported("explain", "GET", "/__strangler__/")["owner"] == "proxy"


@pytest.mark.usefixtures("file")
def test_explain_refuses_what_is_no_path() -> None:
    result = run("explain", "GET", "downloads/")
    assert result.exit_code == 2
    assert "'downloads/' does not begin with a slash" in result.stderr


@pytest.mark.parametrize("command", [("list",), ("explain", "GET", "/")])
def test_faults_end_the_others_too(file: Path, command: tuple[str, ...]) -> None:
    file.write_text("version: 2\n")
    result = run(*command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "routing.yaml:1:10: version: version 2 is not supported — write version: 1\n"
    )


@pytest.mark.parametrize("command", ["check", "list", "explain", "schema"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: strangler routes {command}" in said(command, "--help")
