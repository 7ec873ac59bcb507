"""`scripts/load` against the bundled site: every journey, both sides, equal; and one side wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from loadtests.journeys.system import refresh_passwords
from loadtests.wrong import made_wrong
from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy
from proxy.embedded.child import free_port, on_free_port
from tests.longer import LONGER

PROJECT = Path(__file__).resolve().parents[2]
RELEASES = "/api/v2/downloads/release/"
ROUTING = """\
version: 1
gates: off
domains:
  downloads:
    phase: reads
    routes: [/downloads/**, /getit/**, /api/v1/downloads/**, /api/v2/downloads/**]
  users:
    phase: native
    routes: [/accounts/**]
"""


def load(*arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of the command that `scripts/load` runs."""
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.journeys", "--json", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, report


def requests(report: dict[str, Any], owner: str) -> dict[str, int]:
    """By step, those that this side answered."""
    steps = [step for step in report["steps"] if step["step"] != "all" and owner in step]
    return {step["step"]: step[owner]["requests"] for step in steps}


def failed(report: dict[str, Any]) -> list[Any]:
    return [
        (step["step"], step[owner]["reasons"])
        for step in report["steps"]
        for owner in ("native", "legacy", "nobody")
        if step.get(owner, {}).get("failures")
    ]


def differences(report: dict[str, Any]) -> dict[str, Any]:
    """By route, the paths at which the sides differ."""
    routes = report["parity"]["routes"]
    return {route["route"]: route["paths"] for route in routes if route["paths"]}


@contextmanager
def native_proxy(legacy_site: LegacySite, native_url: str, folder: Path) -> Iterator[RunningProxy]:
    """In front of both sides, with no stream between them: nothing is edited here."""
    refresh_passwords(legacy_site.url)
    (folder / "routing.yaml").write_text(ROUTING)
    settings = {
        "STRANGLER_ROUTING": str(folder / "routing.yaml"),
        "STRANGLER_LEGACY_URL": legacy_site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy_site.database_url,
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_LEGACY_MANIFEST": str(legacy_site.manifest(folder / "manifest.json")),
        "STRANGLER_DATABASE_URL": native_url,
        "STRANGLER_MAIL_URL": legacy_site.mails.as_uri(),
        "STRANGLER_API_LIMITS": "off",
        "STRANGLER_BRIDGE": "off",
        "STRANGLER_SHADOW": "off",
        "STRANGLER_DEVELOPMENT": "true",
    }
    proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port, workers=1))
    try:
        yield proxy
    finally:
        proxy.close()


@pytest.mark.parity
def test_visitors_of_a_native_site_are_served_and_both_sides_are_equal(
    legacy_site: LegacySite, native_database_url: str, tmp_path: Path
) -> None:
    kinds = ("Browser", "ApiClient", "Member", "Newcomer")
    page = tmp_path / "load.html"
    manner = ("-u", "20", "-t", "2s", "--think", "0.1", "--parity", "0.5", "--html", str(page))
    with native_proxy(legacy_site, native_database_url, tmp_path) as proxy:
        code, report = load("--host", proxy.url, "--writes", *manner, *kinds)
    assert (failed(report), differences(report)) == ([], {})
    assert report["faults"] == []
    assert set(report["journeys"]) == {"browse", "api", "login", "form"}
    native, legacy = requests(report, "native"), requests(report, "legacy")
    signed_in, signed_up = report["journeys"]["login"], report["journeys"]["form"]
    assert native["login: POST /accounts/login/"] == signed_in
    assert native["login: GET /accounts/email/ logged out"] == signed_in
    assert native["form: POST /accounts/signup/ with an error"] == signed_up
    assert native["form: POST /accounts/signup/"] == signed_up
    assert legacy["login: GET /authenticated"] == signed_in
    assert report["parity"]["equal"] == report["parity"]["asked"] - report["parity"]["left"] > 0
    assert report["parity"]["ok"] is True
    assert (report["held"], code) == (True, 0)
    assert "locust" in page.read_text().lower()


@pytest.mark.parity
def test_one_wrong_field_of_the_native_side_is_named_and_the_run_fails(
    legacy_site: LegacySite,
    native_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault = {"path": RELEASES, "body": ['"name":"P', '"name":"p']}
    (tmp_path / "fault.json").write_text(json.dumps(fault))
    for name, value in made_wrong("fault.json").items():
        monkeypatch.setenv(name, value)
    with native_proxy(legacy_site, native_database_url, tmp_path) as proxy:
        monkeypatch.delenv("PYTHONPATH")
        manner = ("-u", "12", "-t", "2s", "--think", "0.1", "--parity", "1")
        directly = ("--parity-legacy", legacy_site.url)
        code, report = load("--host", proxy.url, *manner, *directly, "ApiClient")
    assert failed(report) == []
    wrong = {(route, path) for route, paths in differences(report).items() for path in paths}
    assert wrong <= {
        ("GET /api/v2/downloads/release/", "json:/[*]/name"),
        ("GET /api/v2/downloads/release/[id]/", "json:/name"),
    }
    assert ("GET /api/v2/downloads/release/", "json:/[*]/name") in wrong
    assert report["parity"]["failed"] == 0
    assert report["faults"] == ["the answers of both sides are not equal"]
    assert (report["held"], code) == (False, 1)


@LONGER
@pytest.mark.parity
@pytest.mark.timeout(600)
def test_the_bundled_site_is_loaded_twice_and_its_sides_set_beside_each_other() -> None:
    code, report = load("--short")
    assert (failed(report), differences(report)) == ([], {})
    assert report["faults"] == []
    legacy_run, native_run = report["runs"]
    assert [run["run"] for run in report["runs"]] == ["legacy", "native"]
    for run in report["runs"]:
        assert set(run["journeys"]) == {"browse", "api", "login", "form", "editor"}
        assert run["faults"] == []
    assert set(legacy_run["requests"]) == {"legacy"}
    assert set(native_run["requests"]) == {"legacy", "native"}
    home = next(step for step in report["steps"] if step["step"] == "browse: GET /downloads/")
    assert home["native"]["rps"] > 0
    assert home["ratio"]["p50"] == pytest.approx(
        home["native"]["p50_ms"] / home["legacy"]["p50_ms"], abs=0.001
    )
    parity = report["parity"]
    assert parity["equal"] == parity["asked"] - parity["left"] > 0
    assert (parity["failed"], parity["ok"]) == (0, True)
    assert (report["held"], code) == (True, 0)


def test_a_host_that_nobody_answers_for_fails() -> None:
    code, report = load("--host", f"http://127.0.0.1:{free_port()}", "-u", "2", "-t", "2s")
    total = report["steps"][-1]
    assert set(total) == {"step", "nobody", "ratio"}
    assert total["nobody"]["failures"] == total["nobody"]["requests"] > 0
    assert set(total["nobody"]["reasons"]) == {"was not answered"}
    assert (report["journeys"], report["held"], code) == ({}, False, 1)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--host", "http://127.0.0.1:9", "--parity=2"],
            "2 is no share: give a number from 0 to 1",
        ),
        (["--host", "127.0.0.1:9"], "'127.0.0.1:9': give scheme, host and port"),
        (["--host", "http://127.0.0.1:9", "Nobody"], "Nobody"),
    ],
)
def test_what_cannot_run_says_so(arguments: list[str], told: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadtests.journeys", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
