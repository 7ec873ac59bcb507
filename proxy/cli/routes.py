"""`strangler routes`: check routing.yaml, list its rules, explain who answers a request."""

import json
import re
import string
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from legacy_bridge.manifest.model import Manifest
from proxy.cli import covering
from proxy.ownership.phases import Ability, Side
from proxy.routing.config import RoutingConfig
from proxy.routing.coverage import never_winning
from proxy.routing.explain import Explanation, Listed, listed, notes, unported
from proxy.routing.explain import explain as explain_request
from proxy.routing.faults import RoutingError
from proxy.routing.legacy_pages import LegacyPages
from proxy.routing.parse import load
from proxy.routing.passed_on import unknown, unnamed
from proxy.routing.rules import Rule
from proxy.routing.schema import json_schema
from proxy.routing.table import RoutingTable
from proxy.settings import Settings

ALL_METHODS = "all methods"
PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_from_file = click.option(
    "--file",
    "-f",
    type=click.Path(path_type=Path, readable=False),
    help="Read this file instead of STRANGLER_ROUTING or ./routing.yaml.",
)


@click.group()
def routes() -> None:
    """Who answers what: check, list and explain routing.yaml."""


@routes.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, readable=False))
@click.option(
    "--manifest",
    "-m",
    type=click.Path(path_type=Path, readable=False),
    help="Compare with this manifest instead of STRANGLER_LEGACY_MANIFEST.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 where there are warnings.")
@_as_json
def check(file: Path | None, manifest: Path | None, strict: bool, as_json: bool) -> None:
    """Validate FILE and name every fault at once, as FILE:LINE:COLUMN: fault — remedy.

    FILE is STRANGLER_ROUTING or ./routing.yaml when not given. Notes say what the file asks for
    and does not get in this version; they are no faults.

    With a manifest of the legacy project (manage.py strangler_manifest) the rules are compared
    with its URL patterns. Warnings are rules that no URL is for, that never win, or that take what
    Django, where the first pattern that matches answers, gives to another domain. They do not fail
    the check unless --strict is given, since the file works, and middleware may answer what is in
    no URLconf. Patterns that no domain owns are listed by app and never fail it: in a site that is
    being moved that is how all of them begin. Notes say which patterns a rule of a ported domain
    leaves to the legacy side, as no native page is for them. Where the domain is retired that is a
    warning, and so is a ported /** without a manifest.

    \b
    Example: strangler routes check routing.yaml --manifest manifest.json --strict
    Exit codes: 0 no faults, 1 warnings and --strict, 2 faults.
    """
    settings = Settings.load()
    path, known = file or settings.routing, _known_domains()
    try:
        config = load(path, known)
    except RoutingError as error:
        faults = [asdict(fault) for fault in error.faults]
        report = _json(path, ok=False, faults=faults, notes=[], **covering.report((), None))
        click.echo(report if as_json else str(error))
        sys.exit(2)
    manifest, able = manifest or settings.legacy_manifest, _able(known)
    told = covering.told(manifest)
    table = RoutingTable.build(config, _legacy_pages(told, known))
    remarks = [*notes(config), *unported(config, known), *unnamed(table, able)]
    compared = None
    if manifest and told:
        compared = covering.compared(table, manifest, told, able)
        remarks += compared.notes
        warnings = compared.warnings
    else:
        warnings = (*never_winning(table), *unknown(table, able))
    if as_json:
        said = {"notes": [asdict(note) for note in remarks], **covering.report(warnings, compared)}
        click.echo(_json(path, ok=True, faults=[], **said))
    else:
        for note in remarks:
            click.echo(f"{path}:{note.line}: note: {note.message}")
        covering.show(path, warnings, compared)
        rules = sum(len(domain.routes) for domain in config.domains.values())
        click.echo(f"{path}: no faults (domains: {len(config.domains)}, rules: {rules})")
    sys.exit(1 if strict and warnings else 0)


@routes.command("list")
@_from_file
@_as_json
def list_rules(file: Path | None, as_json: bool) -> None:
    """List all rules in the order in which they decide, and who answers.

    "safe" is who answers GET, HEAD and OPTIONS, "other" who answers other methods; - means that
    the rule is not for them.

    \b
    Example: strangler routes list
    Exit codes: 0 listed, 2 the file has faults.
    """
    path, config = _load(file)
    rows = list(listed(RoutingTable.build(config), config))
    if as_json:
        click.echo(_json(path, rules=[asdict(row) for row in rows], otherwise=Side.LEGACY))
    else:
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        Console(width=width, markup=False, highlight=False, emoji=False).print(_as_table(rows))


@routes.command()
@click.argument("method")
@click.argument("path")
@_from_file
@_as_json
def explain(method: str, path: str, file: Path | None, as_json: bool) -> None:
    """Say who answers METHOD PATH, which rule decided, and which others cover it but lost.

    PATH may be a whole URL; host and query do not matter. It is compared undecoded, as it comes
    over the wire: /%64ownloads/ is not /downloads/. With STRANGLER_LEGACY_MANIFEST it is known
    which pages the legacy site alone has.

    \b
    Example: strangler routes explain GET https://www.python.org/downloads/?page=2
    Exit codes: 0 explained, 2 the file has faults or PATH is no path.
    """
    from proxy.edge import OWN_PREFIX

    method, raw_path = method.upper(), _raw_path(path)
    file, config = _load(file)
    request = {"method": method, "path": raw_path.decode("ascii")}
    if raw_path.startswith(OWN_PREFIX):
        report: dict[str, Any] = {"owner": "proxy", "rule": None, "others": []}
        reasons = [f"the proxy answers everything below {OWN_PREFIX.decode()} itself"]
    else:
        manifest = covering.told(Settings.load().legacy_manifest)
        table = RoutingTable.build(config, _legacy_pages(manifest, _known_domains()))
        found = explain_request(table, config, method, raw_path)
        report, reasons = asdict(found), list(_reasons(found, file, known=manifest is not None))
    if as_json:
        click.echo(_json(file, **request, **report))
    else:
        click.echo(f"{method} {request['path']}: {report['owner']}")
        click.echo("".join(f"  {reason}\n" for reason in reasons), nl=False)


@routes.command()
def schema() -> None:
    """Print the JSON Schema of routing.yaml, from which editors complete and check.

    \b
    Example: strangler routes schema > docs/routing.schema.json
    """
    click.echo(json.dumps(json_schema(_known_domains()), indent=2))


def _known_domains() -> Mapping[str, Ability]:
    from proxy.abilities import abilities

    return abilities(Settings.load())


def _able(known: Mapping[str, Ability]) -> list[str]:
    return [name for name, ability in known.items() if ability.lacking is None]


def _legacy_pages(manifest: Manifest | None, known: Mapping[str, Ability]) -> LegacyPages:
    from proxy.abilities import legacy_pages

    return legacy_pages(manifest, known)


def _load(file: Path | None) -> tuple[Path, RoutingConfig]:
    path = file or Settings.load().routing
    try:
        return path, load(path, _known_domains())
    except RoutingError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _json(file: Path, **report: Any) -> str:
    return json.dumps({"file": str(file), **report}, indent=2, ensure_ascii=False)


def _as_table(rows: list[Listed]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for heading in ("path", "methods", "domain", "phase", "safe", "other", "line"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            row.rule.path,
            _methods(row.rule),
            row.rule.domain,
            _phase(row) + (", pinned" if row.rule.pinned else ""),
            row.safe or "-",
            row.other or "-",
            str(row.rule.line),
        )
    table.add_row("everything else", ALL_METHODS, "-", "-", Side.LEGACY, Side.LEGACY, "-")
    return table


def _reasons(found: Explanation, file: Path, *, known: bool) -> Iterator[str]:
    """`known`: whether there is a manifest."""
    rule, page = found.rule, found.legacy_page
    if page is not None and page.unnamed:
        whose = f"it is a page of {page.shown}, which {file} does not name"
        yield f"legacy: {whose}" if found.passed_on else f"{whose}; what is retired keeps it"
    elif page is not None and found.passed_on:
        yield f"legacy: {page.shown} of the project knows it, and nobody natively does"
    elif page is not None:
        yield f"{page.shown} of the project alone knows it, but what is retired passes nothing on"
    elif not known and found.owner is Side.NATIVE:
        yield (
            "without a manifest (STRANGLER_LEGACY_MANIFEST) nobody knows whether the legacy site "
            "alone has a page there"
        )
    if rule is None:
        yield "no rule takes it, and what no rule takes goes to the legacy site"
    else:
        pinned = ", pinned to legacy" if rule.pinned else ""
        yield f"domain {rule.domain}, phase {_phase(found)}{pinned}"
        if found.hold:
            yield f"held because {found.hold.reason}"
        yield f"decided by {rule.path} ({_methods(rule)}), {file}:{rule.line}"
    for other in found.others:
        path, line = other.rule.path, other.rule.line
        yield f"not {path} of {other.rule.domain}, {file}:{line}: {other.why}"


def _phase(found: Listed | Explanation) -> str:
    held = f" (held at {found.phase})" if found.phase is not found.wanted else ""
    return f"{found.wanted}{held}"


def _methods(rule: Rule) -> str:
    return " ".join(rule.methods) if rule.methods else ALL_METHODS


_SENT_AS_IS = "".join(set(string.punctuation) - set('"<>`{}|\\^'))


def _raw_path(written: str) -> bytes:
    """The path as a browser would send it."""
    path = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*", "", written)
    if path != written and not path.startswith("/"):
        path = "/" + path
    if not path.startswith("/"):
        raise click.BadParameter(f"{written!r} does not begin with a slash", param_hint="PATH")
    return quote(re.split(r"[?#]", path)[0], safe=_SENT_AS_IS).encode("ascii")
