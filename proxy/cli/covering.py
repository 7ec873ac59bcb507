"""What `strangler routes check` says of the rules beside the legacy site's own URLs."""

import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from legacy_bridge.manifest import reading
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError
from proxy.routing.coverage import Coverage, NativeUrls, Unowned, Warned, coverage
from proxy.routing.explain import Note
from proxy.routing.passed_on import PassedOn, notes_of, passed_on, warnings_of
from proxy.routing.table import RoutingTable

SHOWN = 3
"""Patterns of one app that the table shows; --json has all."""
PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The manifest's file, and what came out."""

    manifest: Path
    coverage: Coverage
    passed_on: tuple[PassedOn, ...]

    @property
    def warnings(self) -> tuple[Warned, ...]:
        return (*self.coverage.warnings, *warnings_of(self.passed_on))

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(notes_of(self.passed_on))


def told(path: Path | None) -> Manifest | None:
    """What a manifest says; None where there is none. Ends the command with 2 where it cannot be
    read."""
    try:
        return reading.load(path) if path else None
    except ManifestError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def compared(
    table: RoutingTable, path: Path, manifest: Manifest, able: Collection[str]
) -> Compared:
    """Hold the rules against a manifest, whose pages the table knows. `able` are the domains that
    can answer natively."""
    found = coverage(table, manifest, _native_urls())
    return Compared(path, found, tuple(passed_on(table, found.patterns, able)))


def _native_urls() -> NativeUrls:
    """For each ported domain the regexes of its own URLs."""
    from ported_domains.registry import DOMAINS
    from ported_domains.shared.urls import Url, mounted

    found: dict[str, list[str]] = {}
    for name, domain in DOMAINS.items():
        urls: list[Url] = [mounted(handler).opt["url"] for handler in domain.handlers]
        found[name] = [f"{url.regex.pattern}$" if url.full else url.regex.pattern for url in urls]
    return found


def show(file: Path, warnings: Sequence[Warned], found: Compared | None) -> None:
    """Print warnings, a line each as compilers do, and what no domain owns."""
    for each in warnings:
        rule = f"{file}:{each.rule.line}: warning: {each.rule.path}"
        click.echo(f"{rule} {each.message} — {each.remedy}")
    if found is None:
        return
    number, unowned = len(found.coverage.patterns), found.coverage.unowned
    whole = sum(not each.partly for each in unowned)
    click.echo(f"{found.manifest}: {number} URL patterns, {whole} of them without a domain")
    if unowned:
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        Console(width=width, markup=False, highlight=False, emoji=False).print(_table(unowned))


def _table(unowned: Sequence[Unowned]) -> Table:
    """The patterns of an app in a row; those that rules take a part of come last."""
    table = Table(box=SIMPLE_HEAD)
    for heading in ("app", "no rule for", "such as", "left over"):
        table.add_column(heading, overflow="fold")
    for app, partly, patterns in _groups(unowned):
        amount = f"{'parts of ' if partly else ''}{len(patterns)}"
        for row, each in enumerate(patterns[:SHOWN]):
            first = (app, amount) if row == 0 else ("", "")
            table.add_row(*first, each.url.shown, each.path)
    return table


def _groups(unowned: Sequence[Unowned]) -> Iterator[tuple[str, bool, list[Unowned]]]:
    for partly in (False, True):
        grouped: dict[str, list[Unowned]] = {}
        for each in unowned:
            if each.partly is partly:
                grouped.setdefault(each.url.app or "-", []).append(each)
        for app, patterns in grouped.items():
            yield app, partly, patterns


def report(warnings: Sequence[Warned], found: Compared | None) -> dict[str, Any]:
    """The same for programs, with every pattern; `manifest` is null without one."""
    return {
        "warnings": [
            {
                "line": each.rule.line,
                "domain": each.rule.domain,
                "path": each.rule.path,
                "kind": each.kind,
                "message": each.message,
                "remedy": each.remedy,
            }
            for each in warnings
        ],
        "manifest": found and _report(found),
    }


def _report(found: Compared) -> dict[str, Any]:
    return {
        "file": str(found.manifest),
        "patterns": len(found.coverage.patterns),
        "passed_on": [
            {
                "line": each.rule.line,
                "domain": each.rule.domain,
                "path": each.rule.path,
                "retired": each.retired,
                "pages": [
                    {"page": page.shown, "app": page.app, "path": path}
                    for page, path in each.pages.items()
                ],
            }
            for each in found.passed_on
        ],
        "unowned": [
            {
                "app": each.url.app,
                "pattern": each.url.shown,
                "name": each.url.name,
                "view": each.url.leaf.view,
                "path": each.path,
                "partly": each.partly,
            }
            for each in found.coverage.unowned
        ],
    }
