"""Files that commands write: whole or not at all."""

import os
import sys
import tempfile
from pathlib import Path

import click


def write_whole(path: Path, text: str, *, force: bool, remedy: str) -> None:
    """Ends the command with 2 where a file cannot be, or where one is there and `force` is not;
    `remedy` says what to do then."""
    descriptor, name = -1, ""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        new = Path(name)
        new.chmod(0o644)
        if force:
            new.replace(path)
        else:
            os.link(new, path)  # refuses where something is there, unlike a rename
            new.unlink()
    except FileExistsError:
        Path(name).unlink()
        click.echo(f"{path}: is there already — {remedy}", err=True)
        sys.exit(2)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        click.echo(f"{path}: cannot be written: {error.strerror}", err=True)
        sys.exit(2)
