"""`strangler init`: a first routing.yaml, with a domain for each app of the Django project; or the
first files of domains."""

import sys
from pathlib import Path

import click

from legacy_bridge.manifest import reading
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from proxy.cli.files import write_whole
from proxy.cli.init_domains import init_domains
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
@click.option("--force", is_flag=True, help="Replace a routing.yaml that is there.")
@click.option(
    "--domain",
    "apps",
    metavar="APP",
    multiple=True,
    help="Write models, mapping and migration of this app instead; may be given several times.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --domain: the tree that gets them. Default: the one that this command is from.",
)
@click.option("--dry-run", is_flag=True, help="With --domain: print the files, write nothing.")
def init(
    manifest: Path | None,
    output: Path | None,
    force: bool,
    apps: tuple[str, ...],
    into: Path | None,
    dry_run: bool,
) -> None:
    """Write a first routing.yaml from the manifest of the legacy project.

    Each app that has URL patterns becomes a domain, with rules as narrow as rules can be, and in
    phase legacy: nothing changes until a phase does. The manifest is what the legacy project's
    `manage.py strangler_manifest --output manifest.json` writes (docs/manifest.md).

    With --domain it writes what an app needs for its rows to be copied: ported_domains/APP/ and a
    migration, as a start for a person to edit (docs/porting.md). No file is ever replaced.

    \b
    Example: strangler init --manifest manifest.json && strangler routes check
             strangler init --domain shop --dry-run
    Exit codes: 0 written, 2 there is a file already, the manifest cannot be read, or it has no
    such app.
    """
    settings = Settings.load()
    _require_options_that_go_together(apps, output=output, force=force, into=into, dry_run=dry_run)
    told = _manifest(manifest or settings.legacy_manifest)
    if apps:
        init_domains(told, apps, into, dry_run=dry_run)
    else:
        _init_routing(told, output or settings.routing, force=force)


def _require_options_that_go_together(
    apps: tuple[str, ...], *, output: Path | None, force: bool, into: Path | None, dry_run: bool
) -> None:
    if apps and (output or force):
        raise click.UsageError(
            "--output and --force are about routing.yaml, which --domain does not write — leave "
            "them out; --into says where the files of a domain go, and none is ever replaced"
        )
    if not apps and (into or dry_run):
        raise click.UsageError(
            "--into and --dry-run go with --domain — to see a routing.yaml, give --output -"
        )


def _manifest(source: Path | None) -> Manifest:
    if source is None:
        raise click.UsageError(
            "there is no manifest: run manage.py strangler_manifest --output manifest.json in the "
            "legacy project (docs/manifest.md), then give --manifest or STRANGLER_LEGACY_MANIFEST"
        )
    try:
        return reading.load(source)
    except ManifestError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _init_routing(told: Manifest, target: Path, *, force: bool) -> None:
    routing = first_routing(told)
    text = text_of(routing, told)
    if str(target) == "-":
        click.echo(text, nl=False)
        return
    write_whole(target, text, force=force, remedy="give --force to replace it")
    rules = sum(len(domain.rules) for domain in routing.domains)
    click.echo(f"{target}: written (domains: {len(routing.domains)}, rules: {rules})")
    click.echo("Read it, then run `strangler routes check`.")
