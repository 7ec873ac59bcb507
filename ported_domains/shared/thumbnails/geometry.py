"""How large a smaller image becomes, and what is cut off: sorl-thumbnail's rules. Pure."""

import math
import re
from typing import Any

Size = tuple[int, int]
Box = tuple[int, int, int, int]
"""Left, upper, right, lower."""

_GEOMETRY = re.compile(r"(\d+)?(?:x(\d+))?")
_OFFSET = re.compile(r"(\d+)(%|px)")
_MIDDLE = "50%"
_ACROSS = {"left": "0%", "center": _MIDDLE, "right": "100%"}
_DOWN = {"top": "0%", "center": _MIDDLE, "bottom": "100%"}


def window_of(geometry: str, ratio: float) -> Size:
    """Of "240x80", "240" or "x80", the rest by the image's ratio. `ValueError`."""
    found = _GEOMETRY.fullmatch(geometry)
    if found is None or not geometry:
        raise ValueError(f"{geometry!r} is no size")
    width, height = found[1], found[2]
    if width is None:
        return whole(int(height) * ratio), int(height)
    return int(width), whole(int(width) / ratio) if height is None else int(height)


def scaled(size: Size, window: Size, *, covers: bool, upscales: bool) -> Size | None:
    """The size that fits into the window, or covers it; None where the image stays as it is."""
    factors = window[0] / size[0], window[1] / size[1]
    factor = max(factors) if covers else min(factors)
    if factor >= 1 and not upscales:
        return None
    return whole(size[0] * factor), whole(size[1] * factor)


def cut(size: Size, window: Size, crop: str) -> Box:
    """What of the image stays: "center", "top", "left 20%", "10px 50%". `ValueError`."""
    width, height = min(size[0], window[0]), min(size[1], window[1])
    across, down = _places(crop)
    left, top = _offset(across, size[0] - width), _offset(down, size[1] - height)
    return left, top, left + width, top + height


def box_of(cropbox: Any) -> Box:
    """Of "x,y,x2,y2" or four numbers. `ValueError`."""
    written = cropbox.split(",") if isinstance(cropbox, str) else cropbox
    left, upper, right, lower = (int(each) for each in written)
    return left, upper, right, lower


def whole(number: float) -> int:
    """Never 0 of what is more."""
    return round(number) if number > 1 else math.ceil(number)


def _places(crop: str) -> tuple[str, str]:
    """Across and down."""
    match crop.split(" "):
        case [place] if place in _ACROSS or place in _DOWN:
            return _ACROSS.get(place, _MIDDLE), _DOWN.get(place, _MIDDLE)
        case [place]:
            return place, place
        case [across, down]:
            return _ACROSS.get(across, across), _DOWN.get(down, down)
    raise ValueError(f"{crop!r} is no place")


def _offset(place: str, room: int) -> int:
    found = _OFFSET.fullmatch(place)
    if found is None:
        raise ValueError(f"{place!r} is no place")
    value = int(found[1])
    return int(min(room * value / 100.0 if found[2] == "%" else value, room))
