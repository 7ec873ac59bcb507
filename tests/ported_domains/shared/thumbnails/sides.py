"""Both sides' smaller images: what their pages show, and the files that they leave."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.util import greenlet_spawn

from legacy_bridge.django.sorl import SorlSettings
from legacy_bridge.manifest import obeying
from legacy_bridge.manifest.model import Thumbnails
from legacy_bridge.templates.environment import SiteTemplate, TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO, PACKAGES
from legacy_bridge.templates.loader import DjangoLoader
from legacy_bridge.templates.site import Site
from ported_domains.shared.stored_file import StoredFile
from ported_domains.shared.thumbnails.copies import SmallerCopies
from ported_domains.shared.thumbnails.folder import SharedFolder
from tests.ported_domains.shared.thumbnails.side import SorlSide

LOAD = "{% load thumbnail %}"


class Ours:
    """The native side over a folder of uploads."""

    def __init__(self, folder: Path, sorl: SorlSettings, *, keeps: bool = True) -> None:
        copies = SmallerCopies(sorl, SharedFolder(folder), keeps=keeps)
        self.folder = folder
        self._templates: dict[str, SiteTemplate] = {}
        self._environment = TemplateEnvironment(
            DjangoLoader(()), libraries=[*DJANGO, *PACKAGES], site=Site(thumbnails=copies)
        )

    async def rendered(self, source: str, template: str) -> str:
        made = self._templates.get(template)
        if made is None:
            made = self._templates[template] = self._environment.from_django(LOAD + template)
        names = {"image": StoredFile(source), "told": {"crop": "top"}}
        return await greenlet_spawn(lambda: made.render(names))

    def drawn(self) -> dict[str, bytes]:
        return files_in(self.folder)


class Sides:
    """`sorl` is asked in its process; `legacy` has its folder."""

    def __init__(self, legacy: Path, ours: Path, sorl: SorlSide) -> None:
        self.sorl = sorl
        self.legacy = legacy
        self.settings = read(sorl.ask("exported"))
        self.ours = Ours(ours, self.settings)

    def drawn_by_sorl(self) -> dict[str, bytes]:
        return files_in(self.legacy)


@contextmanager
def sides_over(legacy: Path, ours: Path, **settings: Any) -> Iterator[Sides]:
    with SorlSide(legacy, **settings) as sorl:
        yield Sides(legacy, ours, sorl)


def read(exported: Mapping[str, Any]) -> SorlSettings:
    """As the native side reads the manifest."""
    told = TypeAdapter(Thumbnails).validate_python(exported)
    manifest: Any = SimpleNamespace(thumbnails=told)
    found = obeying.thumbnails(manifest)
    assert found is not None
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """The smaller images, by name."""
    found = (path for path in (folder / "cache").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
