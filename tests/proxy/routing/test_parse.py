"""Reading routing.yaml: remedies, places, files that cannot be had, and any text at all."""

import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from, text

from proxy.cli.routes import routes
from proxy.routing.parse import RoutingError, load, parse

KNOWN = ("boxes", "downloads", "pages")


def test_remedies_name_the_likely_meaning() -> None:
    text = "version: 1\nlegacy: {retrys: 1}\ndomains:\n  downlods: {phase: read}\n"
    with pytest.raises(RoutingError) as caught:
        parse(text, KNOWN)
    assert [fault.remedy for fault in caught.value.faults] == [
        (
            "did you mean retries? known are urls, timeout, connect_timeout, retries, "
            "retry_budget, max_body, pool, waiting, keepalive, breaker, health"
        ),
        (
            "did you mean downloads? known are boxes, downloads, pages; "
            "others stay in phase legacy until ported"
        ),
        "did you mean reads? known are legacy, shadow, canary, reads, native, retired",
    ]


def test_the_place_is_the_value_or_the_key_in_question() -> None:
    text = (
        "version: 1\ndomains:\n  downloads:\n    phase: reads\n"
        "    routes: [/a, {path: /b/*, methods: [GET, got]}]\n"
    )
    with pytest.raises(RoutingError) as caught:
        parse(text, KNOWN)
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(5, 25), (5, 46)]


@settings(deadline=None)
@given(text())
def test_any_text_is_read_or_refused(written: str) -> None:
    with suppress(RoutingError):
        parse(written, KNOWN)


LIKELY = sampled_from("\n:-[]{}&*!|>'\"%@`,#? ~1") | sampled_from(
    [
        "\n  ",
        "\n    ",
        "version: 1",
        "domains:",
        "boxes:",
        "phase:",
        "routes:",
        "methods:",
        "/a/**",
        "GET",
        "&a ",
        "*a",
        "<<: ",
        "!!set ",
        ".inf",
    ]
)


@settings(deadline=None)
@given(lists(LIKELY, max_size=40).map("".join))
def test_any_likely_text_is_read_or_refused(written: str) -> None:
    with suppress(RoutingError):
        parse(written, KNOWN)


class TestUnreadable:
    """Files that cannot be had are faults like any other: named, exit 2."""

    def check(self, file: Path, message: str) -> None:
        with pytest.raises(RoutingError) as caught:
            load(file, KNOWN)
        (fault,) = caught.value.faults
        assert message in fault.message
        result = CliRunner().invoke(routes, ["check", str(file)])
        assert (result.exit_code, result.stdout) == (2, f"{file}:{fault}\n")

    def test_missing(self, tmp_path: Path) -> None:
        self.check(tmp_path / "routing.yaml", "there is no such file")

    def test_directory(self, tmp_path: Path) -> None:
        self.check(tmp_path, "is a directory, not a file")

    def test_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        self.check(tmp_path / "file" / "routing.yaml", "cannot be read: ")

    def test_device(self) -> None:
        self.check(Path("/dev/zero"), "is not a regular file")

    def test_too_large(self, tmp_path: Path) -> None:
        file = tmp_path / "routing.yaml"
        file.write_text("# padding\n" * 30_000)
        self.check(file, "is larger than 262144 bytes")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
    def test_forbidden(self, tmp_path: Path) -> None:
        file = tmp_path / "routing.yaml"
        file.write_text("version: 1\n")
        file.chmod(0)
        self.check(file, "may not be read by this user")

    def test_not_utf_8(self, tmp_path: Path) -> None:
        file = tmp_path / "routing.yaml"
        file.write_bytes(b"version: 1\n# caf\xe9\n")
        self.check(file, "byte 0xe9 is not UTF-8")
        with pytest.raises(RoutingError, match=r"routing\.yaml:2:6: "):
            load(file, KNOWN)


def test_json_report(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text("version: 2\n")
    result = CliRunner().invoke(routes, ["check", str(file), "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "file": str(file),
        "ok": False,
        "faults": [
            {
                "line": 1,
                "column": 10,
                "message": "version: version 2 is not supported",
                "remedy": "write version: 1",
            }
        ],
        "notes": [],
        "warnings": [],
        "manifest": None,
    }
