"""Smaller images in pages of the native side, as settings and manifest have it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from legacy_bridge.manifest.model import Manifest, Thumbnails
from legacy_bridge.manifest.reading import parse
from ported_domains.shared.thumbnails import copies
from proxy.native import site_look
from proxy.settings import Settings
from tests.legacy_bridge.manifest.exporting import BUNDLED, exported
from tests.ported_domains.shared.thumbnails.side import SorlSide
from tests.ported_domains.shared.thumbnails.sides import files_in
from tests.ported_domains.shared.thumbnails.uploads import photo
from tests.ported_domains.wire import ask, native_site

TAG = "{% load thumbnail %}{% thumbnail 'wide.png' '60x40' as im %}{{ im.url }} {{ im.width }}"
PAGE = TAG + "{% empty %}-{% endthumbnail %}"
UPLOAD = b"/media/wide.png "


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of uploads; templates are in another one beside it."""
    monkeypatch.setattr(copies, "PATIENCE_SECONDS", 60)  # the machine may be busy
    (tmp_path / "templates" / "python").mkdir(parents=True)
    (tmp_path / "templates" / "python" / "inner.html").write_text(PAGE)
    (tmp_path / "uploads").mkdir()
    photo("RGB", (300, 100)).save(tmp_path / "uploads" / "wide.png")
    return tmp_path / "uploads"


@pytest.fixture
def sorl(folder: Path) -> Iterator[SorlSide]:
    with SorlSide(folder) as side:
        yield side


@pytest.fixture(scope="module")
def bundled() -> Manifest:
    return parse(exported(BUNDLED))


def with_thumbnails(manifest: Manifest, sorl: SorlSide) -> Manifest:
    told: Any = sorl.ask("exported")
    return replace(manifest, thumbnails=TypeAdapter(Thumbnails).validate_python(told))


async def shown(database: str, folder: Path, manifest: Manifest, **how: Any) -> bytes:
    settings = Settings(
        legacy_templates=(folder.parent / "templates",), media_root=how.pop("root", folder)
    )
    async with native_site(database, look=site_look(settings, manifest, **how)) as site:
        return (await ask(site.url, "GET", "/inner/")).body


async def test_a_page_shows_what_sorl_would(
    native_database_url: str, folder: Path, bundled: Manifest, sorl: SorlSide
) -> None:
    manifest = with_thumbnails(bundled, sorl)
    untold = await shown(native_database_url, folder, manifest, keeps_files=False)
    assert files_in(folder) == {}
    page = await shown(native_database_url, folder, manifest)
    assert len(files_in(folder)) == 1
    template = PAGE.replace("{% load thumbnail %}", "")
    assert sorl.ask("rendered", source="", template=template).encode() == page == untold


async def test_without_a_folder_or_what_is_told_of_it_uploads_are_shown(
    native_database_url: str,
    folder: Path,
    bundled: Manifest,
    sorl: SorlSide,
    caplog: pytest.LogCaptureFixture,
) -> None:
    manifest = with_thumbnails(bundled, sorl)
    assert await shown(native_database_url, folder, manifest, root=None) == UPLOAD
    assert await shown(native_database_url, folder, bundled) == UPLOAD
    assert manifest.thumbnails is not None
    odd = replace(manifest, thumbnails=replace(manifest.thumbnails, naming=None))
    assert await shown(native_database_url, folder, odd) == UPLOAD
    [line] = [record.getMessage() for record in caplog.records if record.name == "proxy.native"]
    assert line.startswith("thumbnails are the uploads themselves: THUMBNAIL_BACKEND, ")
