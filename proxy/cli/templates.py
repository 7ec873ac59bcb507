"""`strangler templates`: what of a Django site's templates cannot be converted, and the rest."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from legacy_bridge.templates.checking import Checked, write
from legacy_bridge.templates.checking import check as check_all
from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.libraries import DJANGO, PACKAGES
from legacy_bridge.templates.library import Library

_library = click.option(
    "--library",
    "-l",
    "names",
    multiple=True,
    metavar="MODULE:NAME",
    help="A Library of the site's own tags and filters, or a sequence of them; may be repeated.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_Directory = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def templates() -> None:
    """A Django site's templates on Jinja2."""


@templates.command()
@click.argument("directories", nargs=-1, required=True, type=_Directory)
@_library
@_as_json
def check(directories: Sequence[Path], names: Sequence[str], as_json: bool) -> None:
    """List what cannot be converted in the templates below each DIR, as FILE:LINE: fault — remedy.

    DIR is a directory that the site's settings name, or the folder `templates` of an app. Every
    fault of every file is listed. Tags and filters of Django, of the packages in docs/templates.md
    and of the ported domains are known; others are told by --library.

    \b
    Example: strangler templates check site/templates site/apps/*/templates
    Exit codes: 0 no faults, 1 faults, 2 a DIR or a library does not exist.
    """
    checked = check_all(directories, _environment(names))
    _report(checked, as_json)
    sys.exit(1 if checked.faults else 0)


@templates.command()
@click.argument("directory", type=_Directory)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@_library
@_as_json
def convert(directory: Path, out: Path, names: Sequence[str], as_json: bool) -> None:
    """Write the templates below DIR as Jinja2 files of the same names below OUT.

    Nothing is written if one of them has a fault, or if OUT has files in it already. They are
    rendered by the same environment as Django templates, which keeps Django's meaning of variables.

    \b
    Example: strangler templates convert site/templates converted
    Exit codes: 0 written, 1 faults, 2 DIR does not exist or OUT is not empty.
    """
    if out.exists() and any(out.iterdir()):
        _refuse(f"{out}: has files in it — name a new directory, or empty this one")
    checked = check_all([directory], _environment(names))
    if not checked.faults:
        write(checked.converted, out)
    _report(checked, as_json)
    sys.exit(1 if checked.faults else 0)


def _report(checked: Checked, as_json: bool) -> None:
    if as_json:
        listed = [asdict(fault) for fault in checked.faults]
        click.echo(json.dumps({"ok": not listed, "files": checked.files, "faults": listed}))
        return
    for fault in checked.faults:
        click.echo(str(fault))
    faults = _counted(len(checked.faults), "fault") if checked.faults else "no faults"
    click.echo(f"{_counted(checked.files, 'template')}, {faults}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _environment(names: Sequence[str]) -> TemplateEnvironment:
    found = [library for name in names for library in _libraries(name)]
    return TemplateEnvironment(libraries=[*DJANGO, *PACKAGES, *_of_domains(), *found])


def _of_domains() -> Sequence[Library]:
    from ported_domains.templatetags import LIBRARIES

    return LIBRARIES


def _libraries(name: str) -> Sequence[Library]:
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(import_module(module), attribute or "register")
    except (ImportError, AttributeError) as error:
        _refuse(f"--library {name}: {error} — write module:name, from this directory")
    finally:
        sys.path.remove(str(Path.cwd()))
    libraries = [found] if isinstance(found, Library) else list(found)
    if not all(isinstance(one, Library) for one in libraries):
        _refuse(f"--library {name}: is no Library — declare one with legacy_bridge.templates")
    return libraries


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)
