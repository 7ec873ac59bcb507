"""Smaller images that both sides share, and what is shown where none can be drawn."""

import asyncio
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from legacy_bridge.django.sorl import SorlSettings
from ported_domains.shared.rendering import RENDERING
from ported_domains.shared.thumbnails import copies, drawing
from ported_domains.shared.thumbnails.copies import KEPT_SECONDS
from ported_domains.shared.thumbnails.drawing import Drawn
from tests.inside import until
from tests.ported_domains.shared.thumbnails.conftest import TwoSides
from tests.ported_domains.shared.thumbnails.sides import Ours, Sides, files_in, sides_over

TAG = '{% thumbnail image "60x40" as im %}{{ im.url }} {{ im.width }}{% empty %}-{% endthumbnail %}'
UPLOAD = "/media/wide.png "
SORL = SorlSettings(
    options={"format": "PNG", "quality": 95, "colorspace": "RGB", "upscale": True, "crop": False}
    | {"cropbox": None, "padding": False},
    extensions={"PNG": "png"},
)


@pytest.fixture
def one_folder(uploads: Path, tmp_path: Path) -> Iterator[Sides]:
    """Both sides over the same uploads."""
    folder = tmp_path / "shared"
    shutil.copytree(uploads, folder)
    with sides_over(folder, folder) as sides:
        yield sides


@pytest.fixture
def ours(uploads: Path, tmp_path: Path) -> Ours:
    shutil.copytree(uploads, tmp_path / "ours")
    return Ours(tmp_path / "ours", SORL)


async def test_each_side_shows_what_the_other_has_drawn(one_folder: Sides) -> None:
    sides = one_folder
    ours = await sides.ours.rendered("wide.png", TAG)
    [(name, octets)] = sides.ours.drawn().items()
    [drawn] = (sides.legacy / "cache").rglob("*.jpg")
    before = drawn.stat().st_mtime_ns
    assert sides.sorl.ask("rendered", source="wide.png", template=TAG) == ours
    assert sides.sorl.ask("rows") == 3  # now it knows of it, and removes it with the upload

    theirs = sides.sorl.ask("rendered", source="grey.png", template=TAG)
    [other] = set(sides.ours.drawn()) - {name}
    (sides.legacy / "grey.png").unlink()  # so that nobody can draw it again
    assert await sides.ours.rendered("grey.png", TAG) == theirs
    assert theirs.startswith(f"/media/{other} ")
    assert sides.ours.drawn()[name] == octets
    assert drawn.stat().st_mtime_ns == before


async def test_what_is_seldom_asked_for_is_shown_once_the_legacy_side_drew_it(
    one_folder: Sides,
) -> None:
    for option in ('crop="smart"', 'crop="noop"', "rounded=5", "blur=2", "remove_border=True"):
        tag = TAG.replace('"60x40"', '"60x40" ' + option)
        assert await one_folder.ours.rendered("wide.png", tag) == UPLOAD
        theirs = one_folder.sorl.ask("rendered", source="wide.png", template=tag)
        assert await one_folder.ours.rendered("wide.png", tag) == theirs


async def test_one_is_drawn_for_all_pages(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    times = 0

    def counted(*given: Any) -> Drawn:
        nonlocal times
        times += 1
        return drawing.draw(*given)

    monkeypatch.setattr(copies, "draw", counted)
    pages = await asyncio.gather(*(ours.rendered("wide.png", TAG) for _ in range(8)))
    assert set(pages) == {pages[0]}
    assert (times, len(ours.drawn())) == (1, 1)


async def test_a_page_waits_for_a_while_only(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def late(*given: Any) -> Drawn:
        free.wait(30)
        return drawing.draw(*given)

    monkeypatch.setattr(copies, "draw", late)
    monkeypatch.setattr(copies, "PATIENCE_SECONDS", 0.05)
    asked: Any = SimpleNamespace(visit=SimpleNamespace(good_for=1_000.0))
    token = RENDERING.set(asked)
    assert await ours.rendered("wide.png", TAG) == UPLOAD
    assert asked.visit.good_for == 1
    free.set()
    await until(lambda: len(ours.drawn()) == 1)
    monkeypatch.setattr(copies, "PATIENCE_SECONDS", 30)
    asked.visit.good_for = 1_000.0
    assert (await ours.rendered("wide.png", TAG)).endswith(".png 60")
    assert asked.visit.good_for == KEPT_SECONDS
    RENDERING.reset(token)


async def test_what_is_kept_can_be_read_and_removed_by_the_legacy_side(ours: Ours) -> None:
    ours.folder.chmod(0o2775)
    await ours.rendered("wide.png", TAG)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (ours.folder / "cache").rglob("*")}
    assert sorted(modes.values()) == [0o644, 0o2775, 0o2775]


async def test_nothing_lasts_where_nothing_may(ours: Ours) -> None:
    untied = await ours.rendered("wide.png", TAG)
    shutil.rmtree(ours.folder / "cache")
    tied = Ours(ours.folder, SORL, keeps=False)
    assert [await tied.rendered("wide.png", TAG) for _ in range(2)] == [untied, untied]
    assert tied.drawn() == {}


async def test_where_nothing_can_be_kept_the_upload_is_shown(ours: Ours) -> None:
    (ours.folder / "cache").write_text("in the way")
    assert await ours.rendered("wide.png", TAG) == UPLOAD
    (ours.folder / "cache").unlink()
    assert (await ours.rendered("wide.png", TAG)).endswith(".png 60")


async def test_a_smaller_image_that_is_broken(ours: Ours) -> None:
    await ours.rendered("wide.png", TAG)
    [drawn] = (ours.folder / "cache").rglob("*.png")
    drawn.write_bytes(b"broken")
    assert await ours.rendered("wide.png", TAG) == "-"


async def test_a_large_upload_is_not_read(ours: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "LARGEST_FILE", 100)
    assert await ours.rendered("wide.png", TAG) == UPLOAD


@pytest.mark.parametrize(
    ("source", "size"),
    [("wide.png", '"60x40"'), ("grey.png", '"90x90"'), ("grey.png", '"64x90" padding=True')],
)
async def test_many_pixels_are_not_drawn_here(
    ours: Ours, monkeypatch: pytest.MonkeyPatch, source: str, size: str
) -> None:
    """Of the upload, of what it is drawn as, of that with what surrounds it."""
    monkeypatch.setattr(drawing, "LARGEST_PIXELS", 64 * 48)
    assert await ours.rendered(source, TAG.replace('"60x40"', size)) == f"/media/{source} "
    assert ours.drawn() == {}


async def test_an_upload_that_is_mended_is_drawn(ours: Ours) -> None:
    assert [await ours.rendered("text.png", TAG) for _ in range(2)] == ["-", "-"]
    shutil.copy(ours.folder / "wide.png", ours.folder / "text.png")
    assert (await ours.rendered("text.png", TAG)).endswith(".png 60")


@pytest.mark.parametrize("address", ["https://example.org/a.png", "//example.org/a.png"])
async def test_what_lies_elsewhere_is_shown_from_there(ours: Ours, address: str) -> None:
    tag = TAG.replace("image", f'"{address}"')
    assert await ours.rendered("wide.png", tag) == f"{address} "


async def test_an_upload_cannot_lead_out_of_the_folder(two_sides: TwoSides) -> None:
    sides = two_sides()
    (sides.ours.folder.parent / "secret.png").write_bytes(
        (sides.ours.folder / "wide.png").read_bytes()
    )
    for name in ("../secret.png", str(sides.ours.folder.parent / "secret.png"), "a\0b.png"):
        assert await sides.ours.rendered(name, TAG) == "-"
    assert files_in(sides.ours.folder) == {}
