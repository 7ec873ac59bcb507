"""Natively the same smaller images as from sorl-thumbnail: addresses, sizes, octets of files."""

import re

import pytest

from tests.ported_domains.shared.thumbnails.conftest import TwoSides

SHOWN = " as im %}{{ im.url }} {{ im.width }}x{{ im.height }}{% empty %}none{% endthumbnail %}"
SOURCES = (
    *("wide.png", "tall.jpg", "logos/Größe 1.png", "small.png", "grey.png", "palette.png"),
    *("palette.gif", "cmyk.jpg", "bits.tiff", "web.webp", "line.png", "turned.png", "turned.webp"),
    *(f"turned-{way}.jpg" for way in range(1, 9)),
)
UNREADABLE = ("broken.png", "text.png", "logo.svg", "bomb.png", "missing.png", "logos", "../x.png")
TAGS = (
    '"240x80"',
    '"50x50"',
    '"50"',
    '"x31"',
    '"50x50" crop="center"',
    '"50x70" crop="top"',
    '"50x70" crop="10% 25px"',
    '"70x30" crop="right bottom"',
    '"70x30" options=told',
    '"400x400" upscale=False',
    '"40x40" cropbox="3,4,50,33"',
    '"40x40" padding=True padding_color="#a0b"',
    '"40x40" format="PNG"',
    '"40x40" format="GIF"',
    '"40x40" format="WEBP" quality=60',
    '"40x40" colorspace="GRAY" format="PNG"',
    '"40x40" quality=30 progressive=False',
    '"40x40" orientation=False',
)
WRONG = (
    '"wide"',
    '""',
    '"0x0"',
    '"50x50" crop="nowhere"',
    '"50x50" crop="a b c"',
    '"50x50" format="XML"',
    '"50x50" cropbox="1,2"',
    '"50x50" padding=True padding_color="no colour"',
)
PROJECTS: tuple[dict[str, object], ...] = (
    {},
    {"THUMBNAIL_PRESERVE_FORMAT": True, "THUMBNAIL_QUALITY": 80},
    {"THUMBNAIL_PREFIX": "cache/small images/", "THUMBNAIL_PROGRESSIVE": False},
    {"THUMBNAIL_ORIENTATION": False, "THUMBNAIL_UPSCALE": False, "THUMBNAIL_FORMAT": "PNG"},
)


def pairs(every: int) -> list[tuple[str, str]]:
    """Each source with some of the tags, and each tag with some of the sources."""
    return [
        (source, tag)
        for place, source in enumerate(SOURCES)
        for number, tag in enumerate(TAGS)
        if (place + number) % every == 0
    ]


@pytest.mark.parametrize("settings", PROJECTS, ids=lambda told: ",".join(told) or "defaults")
async def test_the_same_images(two_sides: TwoSides, settings: dict[str, object]) -> None:
    sides, addresses = two_sides(**settings), set()
    for source, tag in pairs(every=9 if settings else 4):
        template = "{% thumbnail image " + tag + SHOWN
        theirs = sides.sorl.ask("rendered", source=source, template=template)
        assert await sides.ours.rendered(source, template) == theirs, (source, tag)
        assert re.fullmatch(r"/media/cache/\S+ \d+x\d+", theirs), (source, tag)
        addresses.add(theirs.partition(" ")[0])
    assert sides.ours.drawn() == sides.drawn_by_sorl()
    assert len(sides.ours.drawn()) == len(addresses)


@pytest.mark.parametrize(
    "body", [SHOWN, SHOWN.replace(" {{ im.width }}x{{ im.height }}", ""), " %}"]
)
async def test_what_is_no_image(two_sides: TwoSides, body: str) -> None:
    sides = two_sides()
    cases = [(source, TAGS[0]) for source in (*UNREADABLE, "")]
    cases += [("wide.png", tag) for tag in WRONG]
    for source, tag in cases:
        template = "[{% thumbnail image " + tag + body + "]"
        theirs = sides.sorl.ask("rendered", source=source, template=template)
        assert await sides.ours.rendered(source, template) == theirs, (source, tag)
    assert sides.ours.drawn() == sides.drawn_by_sorl() == {}
