"""What is generated for real apps: clean code, tables of the models, and rows that get there.

The apps are those of two projects: one with everything that is hard, with the odd shop beside it,
and the bundled site. Both are generated into one tree without any domain of ours.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.sql import SQL, Identifier

from legacy_bridge.replication.catalogue import read_catalogue
from legacy_bridge.replication.checks import misfits
from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.mapping import TableMapping
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.manifest.exporting import BUNDLED, exported
from tests.longer import LONGER
from tests.proxy.scaffold.tree import PROJECT, PROOF, Tree, new_tree

SETTINGS = "tests.proxy.scaffold.django_settings"
HARD = {"class": "class_", "shop": "shop"}
SITE = {name: name for name in ("users", "sponsors", "events", "blogs", "nominations")}
DOMAINS = tuple((HARD | SITE).values())


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """With a domain for each app, as the command writes it, and all of them registered."""
    folder = tmp_path_factory.mktemp("generated")
    new_tree(folder / "tree")
    for settings, apps in ((SETTINGS, HARD), (BUNDLED, SITE)):
        manifest = folder / "manifest.json"
        manifest.write_bytes(exported(settings))
        chosen = [word for app in apps for word in ("--domain", app)]
        asked = ["init", "--manifest", str(manifest), "--into", str(folder / "tree"), *chosen]
        done = CliRunner().invoke(main, asked)
        assert done.exit_code == 0, done.output
    made = Tree(folder / "tree", DOMAINS)
    made.register()
    return made


# The code


def test_it_is_formatted_and_clean(tree: Tree) -> None:
    places = [*(f"ported_domains/{name}" for name in DOMAINS)]
    places += [str(path) for path in (tree.root / "migrations/versions").glob("*_class_.py")]
    places += [str(path) for path in (tree.root / "migrations/versions").glob("*_sponsors.py")]
    configuration = ("--config", str(PROJECT / "pyproject.toml"), "--no-cache")
    for command in (("format", "--check"), ("check",)):
        done = tree.run("-m", "ruff", *command, *configuration, *places)
        assert done.returncode == 0, done.stdout + done.stderr


@LONGER
def test_types_are_right(tree: Tree) -> None:
    """In a cache of its own, which is kept: mypy reads all of SQLAlchemy without one."""
    done = tree.run(
        *("-m", "mypy", "--strict", "--explicit-package-bases", "--no-error-summary"),
        *("--cache-dir", str(PROJECT / ".mypy_cache" / "scaffold")),
        *(f"ported_domains/{name}" for name in DOMAINS),
    )
    assert (done.stdout, done.returncode) == ("", 0)


# The tables


@dataclass(frozen=True, slots=True)
class Proof:
    """What `proof.py` found, and the native database that its migrations made."""

    url: str
    told: dict[str, Any]


@pytest.fixture(scope="module")
def proof(stack: EmbeddedStack, native_template: str, tree: Tree) -> Proof:
    names = ("generated", "generated_by_models")
    urls = [stack.create_database(name, template=native_template) for name in names]
    done = tree.run(str(PROOF), *urls)
    assert done.returncode == 0, done.stderr
    return Proof(urls[0], json.loads(done.stdout))


def test_the_migrations_make_the_tables_of_the_models(proof: Proof) -> None:
    assert proof.told["differences"] == []
    assert proof.told["migrated"] == proof.told["made"]
    assert len(proof.told["made"]) > 900


def test_the_migrations_can_be_undone(proof: Proof) -> None:
    assert proof.told["left"] == []


# The rows


@pytest.fixture(scope="module")
def hard_site(stack: EmbeddedStack) -> str:
    """The database of the first project, with rows in each table."""
    url = stack.create_database("generated_from")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("rows.py"))],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "LEGACY_DATABASE_URL": url,
            "PYTHONPATH": os.pathsep.join(map(str, (PROJECT, PROJECT / "tests"))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return url


@pytest.fixture(scope="module")
def site(stack: EmbeddedStack, legacy_template: str) -> str:
    return stack.create_database("generated_from_site", template=legacy_template)


def test_rows_of_the_hard_project_arrive(hard_site: str, proof: Proof, tree: Tree) -> None:
    mappings = {name: tree.mapping(name) for name in HARD.values()}
    counts = carried(hard_site, proof.url, mappings)
    assert [table for table, rows in counts.items() if rows == 0] == []


def test_rows_of_the_bundled_site_arrive(site: str, proof: Proof, tree: Tree) -> None:
    mappings = {name: tree.mapping(name) for name in SITE}
    counts = carried(site, proof.url, mappings)
    assert min(counts[name] for name in ("users_user", "events_event", "blogs_blogentry")) > 0


def carried(
    legacy_url: str, native_url: str, domains: dict[str, Sequence[TableMapping]]
) -> dict[str, int]:
    """Copy the domains; the number of rows by legacy table, all equal on both sides."""
    mappings = [mapping for mapped in domains.values() for mapping in mapped]
    with psycopg.connect(legacy_url) as legacy, psycopg.connect(native_url) as native:
        theirs = read_catalogue(legacy, [each.legacy for each in mappings])
        ours = read_catalogue(native, [each.native for each in mappings])
        for each in mappings:
            assert misfits(each, theirs[each.legacy], ours[each.native]) == [], each.legacy
    report = copy_domains(legacy_url, native_url, domains)
    assert (report.equal, report.warnings) == (True, ())
    counts = {}
    with psycopg.connect(legacy_url) as legacy, psycopg.connect(native_url) as native:
        for each in mappings:
            rows = read(legacy, each.legacy, [column.legacy for column in each.columns])
            assert rows == read(native, each.native, [column.native for column in each.columns])
            counts[each.legacy] = len(rows)
    return counts


def read(
    connection: "psycopg.Connection[tuple[Any, ...]]", table: str, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    """All rows, values as text, in the order of these texts."""
    values = SQL(", ").join(SQL("{}::text").format(Identifier(name)) for name in columns)
    return sorted(
        connection.execute(SQL("SELECT {} FROM {}").format(values, Identifier(table))).fetchall(),
        key=repr,
    )
