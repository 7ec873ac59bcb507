"""Whole directories of templates: what cannot be converted, and the converted files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from legacy_bridge.templates.convert.converter import convert
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.faults import Fault, TemplateFaultsError

SUFFIXES = frozenset({".html", ".htm", ".txt", ".xml", ".json", ".js", ".css", ".md", ".svg"})
"""What is taken for a template. Django itself asks for names only."""


@dataclass(frozen=True, slots=True)
class Converted:
    """One template that has no fault: `name` is what Django calls it."""

    name: str
    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """All templates of some directories. Those with faults are not in `converted`."""

    converted: Sequence[Converted]
    faults: Sequence[Fault]
    files: int


def check(directories: Iterable[Path], environment: TemplateEnvironment) -> Checked:
    """Convert every template below `directories`, and compile what came of it."""
    converted: list[Converted] = []
    faults: list[Fault] = []
    files = 0
    for name, path in templates(directories):
        files += 1
        try:
            text = convert(_read(path), str(path), environment.known, name)
            environment.compile(text, name, str(path))
        except TemplateFaultsError as error:
            faults += error.faults
        except jinja2.TemplateSyntaxError as error:
            faults.append(Fault(str(path), error.lineno, str(error.message), _REPORT))
        else:
            converted.append(Converted(name, path, text))
    return Checked(converted, faults, files)


_REPORT = "write it in another way, and report this: it should have been found while converting"


def templates(directories: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Names and files, sorted; a name that two directories have comes twice."""
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path.relative_to(directory).as_posix(), path


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        fault = Fault(str(path), line, "is not UTF-8", "save the file as UTF-8")
        raise TemplateFaultsError([fault]) from None
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise TemplateFaultsError(
            [Fault(str(path), 1, reason, "make the file readable, or leave it out")]
        ) from None


def write(converted: Iterable[Converted], out: Path) -> None:
    """The converted files below `out`; of a name that comes twice the first one."""
    written: set[str] = set()
    for one in converted:
        if one.name in written:
            continue
        written.add(one.name)
        target = out / one.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(one.text, "utf-8")
