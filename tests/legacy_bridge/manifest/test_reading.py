"""Faulty manifests are refused with the place of each fault; sound ones are read as they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from legacy_bridge.manifest import reading
from legacy_bridge.manifest.reading import REMEDY, ManifestError, load, parse


def refused(content: bytes) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        parse(content, "m.json")
    return str(caught.value).splitlines()


def test_a_file_is_read_as_its_text(tmp_path: Path, odd_text: bytes) -> None:
    file = tmp_path / "manifest.json"
    file.write_bytes(b"\xef\xbb\xbf" + odd_text)
    assert load(file) == parse(odd_text)


def test_all_faults_are_named_with_their_places(odd_text: bytes) -> None:
    told: dict[str, Any] = json.loads(odd_text)
    told["urls"]["patterns"][3]["name"] = 3
    told["models"][2]["table"] = None
    told["settings"]["SESSION_COOKIE_AGE"] = "long"
    del told["session"]
    assert refused(json.dumps(told).encode()) == [
        f"m.json: settings.SESSION_COOKIE_AGE: Input should be a valid integer — {REMEDY}",
        f"m.json: session: Field required — {REMEDY}",
        f"m.json: urls.patterns[3].name: Input should be a valid string — {REMEDY}",
        f"m.json: models[2].table: Input should be a valid string — {REMEDY}",
    ]


def test_of_very_many_faults_some_are_named(odd_text: bytes) -> None:
    told = json.loads(odd_text)
    for model in told["models"]:
        model["table"] = 1
    lines = refused(json.dumps(told).encode())
    assert len(lines) == reading.MOST_SHOWN + 1
    assert lines[-1] == f"m.json: and {len(told['models']) - reading.MOST_SHOWN} more"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "m.json:1:1: not JSON: Expecting value"),
        (b'{"version": 1,\n}', "m.json:2:1: not JSON: "),
        (b"\xff", "m.json: not JSON in UTF-8"),
        (b"[" * 100_000, "m.json: not JSON in UTF-8"),
        (b"[]", "m.json: is no manifest: it has no version"),
        (b"{}", "m.json: is no manifest: it has no version"),
        (b'{"version": 2}', "m.json: version: 2 is not 1, the one that is read here — bring both"),
    ],
)
def test_what_is_no_manifest(content: bytes, said: str) -> None:
    (line,) = refused(content)
    assert line.startswith(said)


def test_keys_of_a_newer_exporter_are_ignored(odd_text: bytes) -> None:
    told = json.loads(odd_text)
    told["news"] = told["urls"]["patterns"][0]["news"] = told["settings"]["NEWS"] = [1]
    assert parse(json.dumps(told).encode()) == parse(odd_text)


def test_files_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ManifestError, match=r"/none: No such file or directory — write it anew"):
        load(tmp_path / "none")
    with pytest.raises(ManifestError, match="Is a directory"):
        load(tmp_path)
    monkeypatch.setattr(reading, "LARGEST_FILE", 3)
    (tmp_path / "large").write_text("{   }")
    with pytest.raises(ManifestError, match="is larger than 3 octets"):
        load(tmp_path / "large")
