"""Loads Django templates: found as Django finds them, converted once, read again when changed."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound
from jinja2.loaders import split_template_path

from legacy_bridge.templates.convert.converter import convert
from legacy_bridge.templates.environment import TemplateEnvironment

Loaded = tuple[str, str | None, Callable[[], bool] | None]


class DjangoLoader(BaseLoader):
    """Templates in `directories`, the first that has one wins; after them those of `rest`.

    `rest` is any loader that gives Django source, such as `jinja2.DictLoader`.
    """

    def __init__(self, directories: Iterable[Path | str], rest: BaseLoader | None = None) -> None:
        self.directories = tuple(Path(one) for one in directories)
        self._rest = rest

    def get_source(self, environment: Environment, template: str) -> Loaded:
        name = template.rstrip("\0")
        wanted = len(template) - len(name)
        for path in self._found(name):
            if wanted == 0:
                return self._converted(environment, path.read_text("utf-8"), str(path), path)
            wanted -= 1
        if self._rest is None or wanted:
            raise TemplateNotFound(name, f"{name} is in none of {self._places()}")
        source, filename, is_fresh = self._rest.get_source(environment, name)
        converted, _, _ = self._converted(environment, source, filename or name, None)
        return converted, filename or name, is_fresh

    def list_templates(self) -> list[str]:
        """All names, sorted."""
        return sorted(
            {
                path.relative_to(directory).as_posix()
                for directory in self.directories
                for path in directory.rglob("*")
                if path.is_file()
            }
        )

    def _found(self, name: str) -> Iterator[Path]:
        """Every file of this name; names that lead out of the directories have none."""
        parts = split_template_path(name)
        for directory in self.directories:
            path = directory.joinpath(*parts)
            if path.is_file():
                yield path

    def _converted(
        self, environment: Environment, source: str, file: str, path: Path | None
    ) -> Loaded:
        if not isinstance(environment, TemplateEnvironment):
            raise TypeError("Django templates need a TemplateEnvironment")
        converted = convert(source, file, environment.known)
        if path is None:
            return converted, None, None
        changed = path.stat().st_mtime_ns

        def is_fresh() -> bool:
            try:
                return path.stat().st_mtime_ns == changed
            except OSError:
                return False

        return converted, file, is_fresh

    def _places(self) -> str:
        return ", ".join(map(str, self.directories)) or "no directory at all"
