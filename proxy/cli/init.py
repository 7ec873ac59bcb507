"""`strangler init`: a first routing.yaml, with a domain for each app of the Django project."""

import os
import sys
import tempfile
from pathlib import Path

import click

from legacy_bridge.manifest import reading
from legacy_bridge.manifest.reading import ManifestError
from proxy.routing.first import first_routing
from proxy.routing.first_text import text_of
from proxy.settings import Settings


@click.command()
@click.option(
    "--manifest",
    "-m",
    type=click.Path(path_type=Path, readable=False),
    help="What the legacy project told about itself. Default: STRANGLER_LEGACY_MANIFEST.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, readable=False),
    help="Where to write; - is standard output. Default: STRANGLER_ROUTING or ./routing.yaml.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(manifest: Path | None, output: Path | None, force: bool) -> None:
    """Write a first routing.yaml from the manifest of the legacy project.

    Each app that has URL patterns becomes a domain, with rules as narrow as rules can be, and in
    phase legacy: nothing changes until a phase does. The manifest is what the legacy project's
    `manage.py strangler_manifest --output manifest.json` writes (docs/manifest.md).

    \b
    Example: strangler init --manifest manifest.json && strangler routes check
    Exit codes: 0 written, 2 there is a file already, or the manifest cannot be read.
    """
    settings = Settings.load()
    source = manifest or settings.legacy_manifest
    if source is None:
        raise click.UsageError(
            "there is no manifest: run manage.py strangler_manifest --output manifest.json in the "
            "legacy project (docs/manifest.md), then give --manifest or STRANGLER_LEGACY_MANIFEST"
        )
    try:
        told = reading.load(source)
    except ManifestError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    routing = first_routing(told)
    text = text_of(routing, told)
    target = output or settings.routing
    if str(target) == "-":
        click.echo(text, nl=False)
        return
    _write(target, text, force)
    rules = sum(len(domain.rules) for domain in routing.domains)
    click.echo(f"{target}: written (domains: {len(routing.domains)}, rules: {rules})")
    click.echo("Read it, then run `strangler routes check`.")


def _write(path: Path, text: str, force: bool) -> None:
    """Whole or not at all; ends the command with 2 where a file is there or cannot be."""
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
        click.echo(f"{path}: is there already — give --force to replace it", err=True)
        sys.exit(2)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        click.echo(f"{path}: cannot be written: {error.strerror}", err=True)
        sys.exit(2)
