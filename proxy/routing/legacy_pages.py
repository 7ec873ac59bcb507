"""Pages that the legacy site alone has: a pattern of its URLconf takes the path, and no native page
does; and below `/**` those of a ported domain that routing.yaml does not name.

    a page of a domain that is not named    it is the legacy side's, as the domain is
    a native page                           it is the native side's
    a file, below STATIC_URL or MEDIA_URL   it is the legacy side's
    the first pattern of the project        it is the legacy side's, unless the native side stands
                                            for all that its app answers
    the same with a slash, where Django appends one
    none of these                           redirects, CMS pages, the 404: whoever has `/**`

Pure, and decided by the path alone, before anybody is asked, so that a form arrives with its body.
The table keeps what comes out for the paths of late.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from legacy_bridge.django.reversing import Urls
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.urls import languages_of, legacy_urls


@dataclass(frozen=True, slots=True)
class LegacyPage:
    """What of the legacy project takes a path, in words, and the label of its app if it has one.
    `unnamed`: the native side has a page, too, of the domain `app`, which routing.yaml does not
    name."""

    shown: str
    app: str | None
    unnamed: bool = False


class _Native(Enum):
    """It is the native side's, be it a page or whatever else."""

    NATIVE = auto()


NATIVE = _Native.NATIVE


class LegacyPages:
    """Made once for a manifest; without one, the URLs of the project are not known. `page_of`: the
    domain whose native page takes a decoded path. `able`: those that can answer here. `decoded`:
    the path that Django sees, of one as it came. `stood_for`: apps whose patterns need no native
    page, as the native side answers for them wherever nothing else is.

    Raises `ValueError` for a pattern that this Python cannot read.
    """

    def __init__(
        self,
        manifest: Manifest | None,
        page_of: Callable[[str], str | None],
        decoded: Callable[[bytes], str],
        able: Collection[str],
        stood_for: Collection[str] = (),
    ) -> None:
        self._page_of = page_of
        self._decoded = decoded
        self._able = able
        self._appends = True
        self._files: tuple[tuple[str, LegacyPage], ...] = ()
        self._urls: list[Urls] = []
        self._pages: dict[int, LegacyPage | _Native] = {}
        if manifest is not None:
            self._know(manifest, stood_for)

    def _know(self, manifest: Manifest, stood_for: Collection[str]) -> None:
        self._appends = manifest.settings.get("APPEND_SLASH", True)
        self._files = tuple(_files(manifest))
        self._urls = [Urls(manifest, language=code) for code in _languages(manifest)]
        for urls in self._urls:
            urls.compile()
        self._pages = {
            id(url.leaf): NATIVE
            if url.app in stood_for
            else LegacyPage(f"the URL pattern {url.shown}", url.app)
            for url in legacy_urls(manifest)
        }

    def at(self, raw_path: bytes, named: Collection[str] | None = None) -> LegacyPage | None:
        """None where the native side has a page, or nobody has. `raw_path` is as it came over the
        wire, without query. `named`: the domains that routing.yaml has, where it does not say by
        the path whose it is."""
        path = self._decoded(raw_path)
        found = self._at(path, named)
        if found is None and self._appends and not path.endswith("/"):
            found = self._at(f"{path}/", named)
        return found if isinstance(found, LegacyPage) else None

    def domain_at(self, raw_path: bytes) -> str | None:
        """The domain whose native page it is."""
        return self._page_of(self._decoded(raw_path))

    @property
    def files(self) -> tuple[str, ...]:
        """What paths to files begin with."""
        return tuple(root for root, _ in self._files)

    def _at(self, path: str, named: Collection[str] | None) -> "LegacyPage | _Native | None":
        """None where neither side has a page."""
        domain = self._page_of(path)
        if domain is not None and named is not None and domain not in named:
            return LegacyPage(f"the domain {domain}", domain, unnamed=True)
        if domain in self._able:
            return NATIVE
        for root, files in self._files:
            if path.startswith(root):
                return files
        for urls in self._urls:
            if (found := urls.resolve(path)) is not None:
                return self._pages[id(found.node)]
        return None


def _files(manifest: Manifest) -> Iterator[tuple[str, LegacyPage]]:
    """What a path to a file begins with. A MEDIA_URL that nobody has set is `/` in Django, which
    tells nothing; one with a host is of no concern here."""
    settings = manifest.settings
    roots = {"STATIC_URL": settings.get("STATIC_URL"), "MEDIA_URL": settings.get("MEDIA_URL")}
    for name, root in roots.items():
        if root and root.startswith("/") and not root.startswith("//") and root.strip("/"):
            yield root, LegacyPage(f"{name}, {root}", None)


def _languages(manifest: Manifest) -> list[str]:
    """Those that a path may be written in."""
    lines = (line for url in legacy_urls(manifest) for line in url.lines)
    varied = any(line.kind == "language" or line.translations for line in lines)
    codes = languages_of(manifest)
    return codes if varied else codes[:1]
