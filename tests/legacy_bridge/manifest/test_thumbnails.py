"""What a project tells of its sorl-thumbnail, and what the native side makes of that."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from legacy_bridge.manifest import obeying
from legacy_bridge.manifest.model import Manifest, Thumbnails
from legacy_bridge.manifest.reading import ManifestError, parse
from tests.legacy_bridge.manifest.exporting import BUNDLED, INTERPRETER, command, exported
from tests.ported_domains.shared.thumbnails.side import SorlSide

ELSEWHERE = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "small": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": "/nowhere", "base_url": "/small/"},
    },
}


@pytest.fixture(scope="module")
def bundled() -> Manifest:
    return parse(exported(BUNDLED))


def told(folder: Path, **settings: Any) -> Thumbnails:
    with SorlSide(folder, **settings) as sorl:
        return TypeAdapter(Thumbnails).validate_python(sorl.ask("exported"))


def test_names_are_made_from_what_is_told(bundled: Manifest, tmp_path: Path) -> None:
    thumbnails = told(tmp_path, THUMBNAIL_PREFIX="small/", THUMBNAIL_BLUR=3)
    assert thumbnails.naming is not None
    assert thumbnails.naming.options["blur"] == 3
    found = obeying.thumbnails(replace(bundled, thumbnails=thumbnails))
    assert found is not None
    assert (found.prefix, found.url, found.formats) == ("small/", "/media/", None)
    assert found.drawn_by_pillow


@pytest.mark.parametrize(
    "settings",
    [
        {"THUMBNAIL_ENGINE": "sorl.thumbnail.engines.convert_engine.Engine"},
        {"THUMBNAIL_FLATTEN": True},
        {"THUMBNAIL_ALTERNATIVE_RESOLUTIONS": [2]},
    ],
)
def test_what_another_engine_draws_is_not_drawn_here(
    bundled: Manifest, tmp_path: Path, settings: dict[str, Any]
) -> None:
    found = obeying.thumbnails(replace(bundled, thumbnails=told(tmp_path, **settings)))
    assert found is not None
    assert not found.drawn_by_pillow


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"THUMBNAIL_BACKEND": "tests.ported_domains.shared.thumbnails.own.Backend"}, "own names"),
        ({"STORAGES": ELSEWHERE, "THUMBNAIL_STORAGE": "small"}, "in one folder with the uploads"),
        ({"THUMBNAIL_DUMMY": True}, "THUMBNAIL_DUMMY: dummies are not shown"),
    ],
)
def test_what_is_not_known_here_is_refused(
    bundled: Manifest, tmp_path: Path, settings: dict[str, Any], why: str
) -> None:
    with pytest.raises(ManifestError, match=why):
        obeying.thumbnails(replace(bundled, thumbnails=told(tmp_path, **settings)))


def test_names_that_come_out_otherwise_are_refused(bundled: Manifest, tmp_path: Path) -> None:
    thumbnails = told(tmp_path)
    assert thumbnails.naming is not None
    name, size, _ = thumbnails.naming.probe
    naming = replace(thumbnails.naming, probe=(name, size, "cache/ab/cd/abcd.jpg"))
    with pytest.raises(ManifestError, match="names its files in another way"):
        obeying.thumbnails(replace(bundled, thumbnails=replace(thumbnails, naming=naming)))


@pytest.mark.skipif(sys.executable != INTERPRETER, reason="that Python has no sorl-thumbnail")
def test_the_command_writes_what_is_read() -> None:
    installed = "from django.conf import settings; settings.INSTALLED_APPS += ['sorl.thumbnail']"
    done = command(BUNDLED, before=installed)
    assert done.returncode == 0, done.stderr
    found = obeying.thumbnails(parse(done.stdout.encode()))
    assert found is not None
    assert found.options["quality"] == 95


def test_a_project_without_it(bundled: Manifest) -> None:
    assert bundled.thumbnails is None
    assert obeying.thumbnails(bundled) is None
    assert obeying.thumbnails(None) is None
