"""`manage.py strangler_manifest`: what this project is, as JSON for the proxy in front of it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from legacy_bridge.exporter.manifest import manifest


class Command(BaseCommand):
    help = (
        "Write the manifest of this project for Strangler: URL patterns, models, and the settings "
        "that a proxy in front of it and its native side must know. SECRET_KEY, passwords and "
        "tokens are never in it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write to this file, whole or not at all, instead of standard output",
        )
        parser.add_argument(
            "--indent",
            type=int,
            default=2,
            metavar="N",
            help="spaces of one level; 0 for the smallest file (default: 2)",
        )

    def handle(self, *args: Any, output: Path | None, indent: int, **options: Any) -> None:
        text = _text(manifest(), indent)
        if output is None:
            self.stdout.write(text)
            return
        try:
            write_whole(output, text)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}") from error
        self.stderr.write(f"{output}: written")


def _text(value: Any, indent: int) -> str:
    if indent <= 0:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
    return json.dumps(value, ensure_ascii=False, indent=indent) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Replace the file in one step, so that nobody reads half of it; its permissions stay."""
    descriptor, name = tempfile.mkstemp(dir=str(path.parent), prefix=path.name + ".")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(_mode(path))
        new.replace(path)
    except BaseException:
        new.unlink()
        raise


def _mode(path: Path) -> int:
    """That of the file that is there, else what a new file gets here."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
