"""`strangler init --domain APP`: the first files of domains, written from the manifest.

1. plan    every app, so that the faults of all are told at once
2. look    whether a file or folder is there already: then nothing is written
3. write   all files, or none
4. tell    what was left to people, and what to do next
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from alembic.script import ScriptDirectory

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.replication import tables as bridge
from migrations import upgrade
from ported_domains.registry import DOMAINS
from proxy.cli.files import write_whole
from proxy.scaffold.files import DOMAINS as FOLDER
from proxy.scaffold.files import MIGRATIONS, domain_files
from proxy.scaffold.mapping_text import domain_constant
from proxy.scaffold.plan import AppPlan
from proxy.scaffold.reading import ScaffoldError, app_plan

OURS = upgrade.FOLDER.parent
"""The tree that this command is from."""

REMEDY = "move it away, or give --into another folder; no file is ever replaced"


def init_domains(
    manifest: Manifest, apps: Sequence[str], into: Path | None, *, dry_run: bool
) -> None:
    """Write the files of each app below `into`, or print them. Ends the command with 2 where one
    of them cannot be."""
    tree = into or OURS
    plans = _plans(manifest, list(dict.fromkeys(apps)))
    files = _files(plans, tree)
    if not dry_run:
        _refuse(_there(plans, files))
        _write(files)
    for path, text in files.items():
        click.echo(f"==> {_short(path)} <==\n{text}" if dry_run else f"{_short(path)}: written")
    _tell(plans, tree)


def _plans(manifest: Manifest, apps: Sequence[str]) -> list[AppPlan]:
    taken = {mapping.native for domain in DOMAINS.values() for mapping in domain.mapping}
    taken |= {*bridge.metadata.tables, "alembic_version"}
    plans, faults = [], []
    for app in apps:
        try:
            plan = app_plan(manifest, app, taken)
        except ScaffoldError as error:
            faults.append(str(error))
            continue
        plans.append(plan)
        taken |= {table.native for table in plan.tables}
    _refuse(faults)
    return plans


def _files(plans: Sequence[AppPlan], tree: Path) -> dict[Path, str]:
    files: dict[Path, str] = {}
    before = _head(tree / MIGRATIONS)
    for plan in plans:
        revision = f"{int(before) + 1 if before and before.isdigit() else 1:04}"
        written = domain_files(plan, revision, before)
        files |= {tree / path: text for path, text in written.items()}
        before = revision
    return files


def _head(versions: Path) -> str | None:
    """The newest revision there; of ours, too, where that folder only adds to them."""
    ours = upgrade.FOLDER / "versions"
    names = {path.name for path in versions.glob("*.py")}
    complete = names & {path.name for path in ours.glob("*.py")}
    places = [versions] if complete else [ours, versions] if names else [ours]
    heads = ScriptDirectory(str(upgrade.FOLDER), version_locations=places).get_heads()
    if len(heads) > 1:
        found = ", ".join(heads)
        remedy = "merge them first: alembic merge heads"
        _refuse([f"{versions}: has several newest revisions ({found}) — {remedy}"])
    return heads[0] if heads else None


def _there(plans: Sequence[AppPlan], files: Sequence[Path] | dict[Path, str]) -> list[str]:
    """What is in the way: a module of the same name counts, as Python would find one of the two."""
    folders = {path.parent for path in files if path.parent.name in {plan.name for plan in plans}}
    modules = [folder.with_suffix(".py") for folder in folders]
    full = [folder for folder in folders if folder.is_dir() and any(folder.iterdir())]
    found = [path for path in files if path.exists()]
    alone = [folder for folder in full if not any(path.parent == folder for path in found)]
    there = sorted([*found, *alone, *(path for path in modules if path.exists())])
    return [f"{_short(path)}: is there already — {REMEDY}" for path in there]


def _write(files: dict[Path, str]) -> None:
    done: list[Path] = []
    try:
        for path, text in files.items():
            _make_folder(path.parent)
            write_whole(path, text, force=False, remedy=REMEDY)
            done.append(path)
    except SystemExit:
        for path in done:
            path.unlink()
        raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _refuse([f"{folder}: cannot be made: {error.strerror} — give --into another folder"])


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        click.echo("\n".join(faults), err=True)
        sys.exit(2)


def _tell(plans: Sequence[AppPlan], tree: Path) -> None:
    for plan in plans:
        columns = [column for table in plan.tables for column in table.columns]
        click.echo(f"{plan.name}: {len(plan.tables)} tables, {len(columns)} columns")
        for remark in plan.remarks:
            click.echo(f"  left out: {remark}")
        for table in plan.tables:
            for column in table.columns:
                if column.type.raw:
                    kind = column.type.raw
                    click.echo(f"  look at: {table.class_name}.{column.attribute}: {kind}")
            for remark in table.remarks:
                click.echo(f"  look at: {table.class_name}: {remark}")
    click.echo("Next:")
    if tree.resolve() != OURS.resolve():
        click.echo(f"  - move the files to {OURS}")
    for plan in plans:
        constant = domain_constant(plan)
        click.echo(f"  - read and edit {FOLDER / plan.name}, names and types as they should be,")
        click.echo("    and its migration with it")
        click.echo(f"  - add {constant} to DOMAINS in {FOLDER / 'registry.py'}:")
        click.echo(f"    from ported_domains.{plan.name} import {constant}")
    click.echo("  - strangler db upgrade")
    click.echo("  - strangler sync init --check")


def _short(path: Path) -> Path:
    """As it is from here, where that is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path
