"""An image made smaller, with Pillow, as sorl-thumbnail's own engine does it.

What is seldom asked for is left to the legacy side: cutting by content, round corners, blur,
borders taken off, moving images.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, NamedTuple

from PIL import Image

from legacy_bridge.django.sorl import SorlSettings
from ported_domains.shared.thumbnails.geometry import Size, box_of, cut, scaled, window_of

FORMATS: Final = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
LARGEST_PIXELS: Final = 50_000_000
"""Of an image that is read or made: some 200 MB of memory."""
_SELDOM_CUTS = ("smart", "noop")
_SELDOM = ("rounded", "blur", "remove_border")
_ORIENTATION = 0x0112
_TURNED_ASIDE = (5, 6, 7, 8)
_TURNED_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF = ("exif", "Raw profile type exif")
_SAY_HOW_TURNED = ("JPEG", "MPO", "PNG", "WEBP")


class NotAnImageError(Exception):
    """The upload cannot be read as an image, or is one that would fill the memory."""


class NotDrawnHereError(Exception):
    """The legacy side may draw it."""


class Drawn(NamedTuple):
    content: bytes
    size: Size


def size_of(content: bytes) -> Size:
    """Raises `NotAnImageError`."""
    return _opened(content).size


def draw(content: bytes, geometry: str, options: Mapping[str, Any], sorl: SorlSettings) -> Drawn:
    """`options` are all there are. Raises `NotAnImageError`, `NotDrawnHereError`, and whatever
    Pillow raises for what it cannot draw."""
    image = _opened(content)
    crop, form = options["crop"], options["format"]
    if not sorl.drawn_by_pillow:
        raise NotDrawnHereError("the legacy side draws in another way")
    if crop in _SELDOM_CUTS or any(options.get(name) for name in _SELDOM):
        raise NotDrawnHereError("an option that is seldom asked for")
    if form == "GIF" and getattr(image, "is_animated", False):
        raise NotDrawnHereError("a moving image")
    _refuse_large(image.size)
    info, drawn = image.info, _upright(image, options, sorl)
    window = window_of(geometry, drawn.ratio)
    made = _coloured(drawn.image, options["colorspace"], form)
    if size := scaled(made.size, window, covers=bool(crop), upscales=options["upscale"]):
        _refuse_large(size)
        made = made.resize(size, resample=Image.Resampling.LANCZOS)
    if crop:
        made = made.crop(cut(made.size, window, crop))
    if options.get("padding") and made.size != window:
        _refuse_large(window)
        made = _padded(made, window, options.get("padding_color"))
    return Drawn(_written(made, options, info, sorl), made.size)


class _Upright(NamedTuple):
    image: Image.Image
    ratio: float


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=FORMATS)
    except Exception as error:  # each format has errors of its own
        raise NotAnImageError(f"{type(error).__name__}: {error}") from None


def _refuse_large(size: Size) -> None:
    if size[0] * size[1] > LARGEST_PIXELS:
        raise NotDrawnHereError(f"{size[0]}x{size[1]} are more than {LARGEST_PIXELS} pixels")


def _upright(image: Image.Image, options: Mapping[str, Any], sorl: SorlSettings) -> _Upright:
    """The part that is wanted, as one looks at it. A part is not turned, though its ratio is."""
    image.load()
    turned = _turned(image) if options.get("orientation", sorl.orientation) else 1
    shown = image.crop(box_of(options["cropbox"])) if options["cropbox"] else image
    ratio = shown.width / shown.height
    if turned in _TURNED_ASIDE:
        ratio = 1 / ratio
    if shown is image and turned in _TURNED_BACK:
        shown = image.transpose(_TURNED_BACK[turned])
    return _Upright(shown, ratio)


def _turned(image: Image.Image) -> int:
    if image.format not in _SAY_HOW_TURNED or not any(name in image.info for name in _EXIF):
        return 1
    found: int = image.getexif().get(_ORIENTATION, 1)
    return found


def _coloured(image: Image.Image, colorspace: Any, form: str) -> Image.Image:
    if colorspace == "GRAY":
        return image.convert("L")
    if colorspace != "RGB":
        return image
    if form != "JPEG":
        if image.mode == "RGBA":
            return image
        if image.mode == "LA" or (image.mode == "P" and "transparency" in image.info):
            return image.convert("RGBA")
    return image.convert("RGB")


def _padded(image: Image.Image, window: Size, color: Any) -> Image.Image:
    whole = Image.new(image.mode, window, color)
    whole.paste(image, (int((window[0] - image.width) / 2), int((window[1] - image.height) / 2)))
    return whole


def _written(
    image: Image.Image, options: Mapping[str, Any], info: Mapping[Any, Any], sorl: SorlSettings
) -> bytes:
    said: dict[str, Any] = {"format": options["format"], "quality": options["quality"]}
    if "icc_profile" in info:
        said["icc_profile"] = info["icc_profile"]
    if options["format"] == "JPEG":
        if options.get("progressive", sorl.progressive):
            said["progressive"] = True
        image = _without_alpha(image, options)
    written = BytesIO()
    image.save(written, optimize=True, **said)
    return written.getvalue()


def _without_alpha(image: Image.Image, options: Mapping[str, Any]) -> Image.Image:
    """JPEG knows no transparency."""
    if image.mode not in ("RGBA", "LA"):
        return image
    color = options.get("padding_color") if options.get("padding") else "#ffffff"
    ground = Image.new(image.mode[:-1], image.size, color)
    ground.paste(image, mask=image)
    return ground
