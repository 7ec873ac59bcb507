"""The smaller image of an upload: the one that either side has drawn, or a new one.

    named (legacy_bridge/django/sorl.py) → there already → shown
                                         → read, drawn, kept → shown

All files are read, drawn and written in threads of their own.
"""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import quote

from legacy_bridge.django.sorl import SorlSettings
from legacy_bridge.templates.site import NoImageError
from ported_domains.shared.lasting import holds_for
from ported_domains.shared.thumbnails.drawing import (
    NotAnImageError,
    NotDrawnHereError,
    draw,
    size_of,
)
from ported_domains.shared.thumbnails.folder import LARGEST_FILE, SharedFolder, Stamp
from ported_domains.shared.thumbnails.geometry import Size
from ported_domains.shared.thumbnails.originals import Original, original_of
from ported_domains.shared.waiting import waited

THREADS: Final = 2
PATIENCE_SECONDS: Final = 5.0
"""That a page waits; then it shows the upload."""
KEPT_SECONDS: Final = 60.0
"""That a page with a smaller image is kept: no row tells when its file is removed."""
REMEMBERED: Final = 2_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copy:
    """A smaller image."""

    url: str
    size: Size

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    x, y = width, height

    @property
    def ratio(self) -> float:
        return self.width / self.height

    @property
    def is_portrait(self) -> bool:
        return self.height > self.width


@dataclass(frozen=True, slots=True)
class Blank:
    """Of an upload that is no image: sorl-thumbnail has an address for it, and nothing there."""

    url: str

    @property
    def size(self) -> NoReturn:
        raise NoImageError(f"there is nothing at {self.url} that could be measured")

    width = height = x = y = ratio = is_portrait = size


Shown = Copy | Blank | Original | None
"""None is what stands after `{% empty %}`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`file` is what the smaller image of `name` is called."""

    name: str
    file: str
    geometry: str
    options: Mapping[str, Any]
    original: Original


class SmallerCopies:
    """`Thumbnails` of a site's templates. What is drawn is kept in the folder unless `keeps` says
    that nothing may last."""

    def __init__(self, sorl: SorlSettings, folder: SharedFolder, *, keeps: bool = True) -> None:
        self._sorl = sorl
        self._folder = folder
        self._keeps = keeps
        self._threads = ThreadPoolExecutor(THREADS, "thumbnails")
        self._under_way: dict[str, asyncio.Future[Shown]] = {}
        self._known: dict[tuple[str, Stamp | None], Shown] = {}

    def thumbnail(self, source: Any, geometry: str, options: Mapping[str, Any]) -> Shown:
        """Only while a page is rendered."""
        if not source:
            return None
        name = self._sorl.upload_name("".join(str(getattr(source, "name", source))))
        if name is None:
            return original_of(source)
        whole = self._sorl.options_of(name, options)
        try:
            file = self._sorl.file_name(name, geometry, whole)
        except (TypeError, LookupError, ValueError) as error:
            log.warning("no smaller image of %s: %r", name, error)
            return None
        return waited(self._shown(Wanted(name, file, geometry, whole, original_of(source))))

    async def _shown(self, wanted: Wanted) -> Shown:
        """Whoever wants the same meanwhile waits for the same."""
        making = self._under_way.get(wanted.file)
        if making is None:
            loop = asyncio.get_running_loop()
            making = loop.run_in_executor(self._threads, self._look, wanted)
            self._under_way[wanted.file] = making
            making.add_done_callback(lambda _: self._under_way.pop(wanted.file, None))
        done, _ = await asyncio.wait({making}, timeout=PATIENCE_SECONDS)
        holds_for(KEPT_SECONDS if done else 1)
        return making.result() if done else wanted.original

    def _look(self, wanted: Wanted) -> Shown:
        """In a thread. Whatever is wrong with an upload is its own fault, and not the page's."""
        try:
            there = self._folder.stamp(wanted.file)
            return self._measured(wanted, there) if there else self._made(wanted)
        except Exception:
            log.exception("no smaller image of %s, as %s", wanted.name, wanted.file)
            return None

    def _measured(self, wanted: Wanted, there: Stamp) -> Shown:
        known = self._known.get((wanted.file, there))
        if known is not None:
            return known
        size = size_of(self._folder.read(wanted.file))
        return self._remember(wanted, there, Copy(self._url(wanted.file), size))

    def _made(self, wanted: Wanted) -> Shown:
        stamp = self._stamp(wanted.name)
        if (wanted.file, stamp) in self._known:
            return self._known[wanted.file, stamp]
        try:
            return self._drawn(wanted, stamp)
        except Exception as error:  # Pillow's: there is no end of them
            log.warning("no smaller image of %s: %r", wanted.name, error)
            return self._remember(wanted, stamp, None)

    def _stamp(self, name: str) -> Stamp | None:
        try:
            return self._folder.stamp(name)
        except (OSError, ValueError) as error:
            log.warning("the upload %r cannot be read: %s", name, error)
            return None

    def _drawn(self, wanted: Wanted, stamp: Stamp | None) -> Shown:
        """Raises whatever Pillow raises for what it cannot draw."""
        try:
            content = self._content(wanted, stamp)
            drawn = draw(content, wanted.geometry, wanted.options, self._sorl)
        except NotAnImageError as error:
            log.warning("no smaller image of %s: %s", wanted.name, error)
            return self._remember(wanted, stamp, Blank(self._url(wanted.file)))
        except NotDrawnHereError as error:
            log.info("the upload %s is shown itself: %s", wanted.name, error)
            return self._remember(wanted, stamp, wanted.original)
        copy = Copy(self._url(wanted.file), drawn.size)
        if self._keeps:
            return self._kept(wanted, drawn.content, copy)
        return self._remember(wanted, stamp, copy)

    def _content(self, wanted: Wanted, stamp: Stamp | None) -> bytes:
        if stamp is None:
            raise NotAnImageError("there is no such upload")
        if stamp.octets > LARGEST_FILE:
            raise NotDrawnHereError(f"{stamp.octets} octets are more than {LARGEST_FILE}")
        return self._folder.read(wanted.name)

    def _kept(self, wanted: Wanted, content: bytes, copy: Copy) -> Shown:
        try:
            self._folder.keep(wanted.file, content)
        except OSError as error:
            log.error("smaller images cannot be kept: %s: %s", wanted.file, error)  # noqa: TRY400
            return wanted.original
        return copy

    def _remember(self, wanted: Wanted, stamp: Stamp | None, shown: Shown) -> Shown:
        """Of a file as it is now."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[wanted.file, stamp] = shown
        return shown

    def _url(self, file: str) -> str:
        return self._sorl.url + quote(file)
