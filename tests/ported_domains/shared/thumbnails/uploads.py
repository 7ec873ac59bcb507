"""Images of many kinds, drawn so that what is cut, turned or coloured otherwise shows."""

from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms


def photo(mode: str, size: tuple[int, int]) -> Image.Image:
    """No two parts of it are alike."""
    bands = [
        Image.linear_gradient("L").resize(size),
        Image.linear_gradient("L").rotate(90).resize(size),
        Image.radial_gradient("L").resize(size),
        Image.linear_gradient("L").rotate(180).resize(size),
    ]
    if mode == "P":
        return Image.merge("RGB", bands[:3]).quantize(32)
    if mode == "1":
        return bands[2].convert("1")
    return Image.merge(mode, bands[: len(Image.new(mode, (1, 1)).getbands())])


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def fill(folder: Path) -> None:
    """The uploads of the tests, by name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    saved: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "wide.png": (photo("RGB", (300, 100)), {}),
        "tall.jpg": (photo("RGB", (90, 400)), {"icc_profile": profile}),
        "logos/Größe 1.png": (photo("RGBA", (128, 128)), {}),
        "small.png": (photo("LA", (9, 20)), {}),
        "grey.png": (photo("L", (64, 48)), {}),
        "palette.png": (photo("P", (80, 60)), {"transparency": 3}),
        "palette.gif": (photo("P", (80, 60)), {}),
        "cmyk.jpg": (photo("CMYK", (60, 80)), {}),
        "bits.tiff": (photo("1", (60, 80)), {}),
        "web.webp": (photo("RGBA", (70, 35)), {"lossless": True}),
        "line.png": (photo("RGB", (1, 500)), {}),
    }
    for way in range(1, 9):
        saved[f"turned-{way}.jpg"] = (photo("RGB", (120, 60)), {"exif": turned(way)})
    saved["turned.png"] = (photo("RGB", (120, 60)), {"exif": turned(6)})
    saved["turned.webp"] = (photo("RGB", (120, 60)), {"exif": turned(8), "lossless": True})
    for name, (image, said) in saved.items():
        (folder / name).parent.mkdir(exist_ok=True)
        image.save(folder / name, **said)
    whole = (folder / "wide.png").read_bytes()
    (folder / "broken.png").write_bytes(whole[: len(whole) // 2])
    (folder / "text.png").write_text("no image")
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "bomb.png").write_bytes(bomb())


def bomb() -> bytes:
    """Says that it has 40,000 million pixels, in some octets."""
    written = BytesIO()
    Image.new("1", (1, 1)).save(written, "PNG")
    octets = bytearray(written.getvalue())
    octets[16:24] = (200_000).to_bytes(4, "big") * 2
    import zlib

    octets[29:33] = zlib.crc32(octets[12:29]).to_bytes(4, "big")
    return bytes(octets)
