"""Every model edited both ways, with a table of how soon the other side had it.

    PYTHONPATH=tests python -m tests.legacy_bridge.replication.admin [--rows DUMP]

Starts everything it needs; `--rows` takes a dump of the site's tables instead of its own few rows.
Figures mean something on a machine with nothing else to do: the load is printed with them.
"""

import argparse
import os
import tempfile
from pathlib import Path

import psycopg

from legacy_site.load_dataset import load
from migrations.upgrade import connect, upgrade
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack, temporary_stack
from tests.legacy_bridge.replication.admin import latencies, working
from tests.legacy_bridge.replication.admin.bridged import BridgedSite, bridged_site
from tests.legacy_bridge.replication.admin.databases import make
from tests.legacy_bridge.replication.sides import MAPPINGS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=Path, metavar="DUMP", help="gzipped, in COPY form")
    rows = parser.parse_args().rows
    with temporary_stack() as stack, tempfile.TemporaryDirectory() as folder:
        templates = _templates(stack, Path(folder), rows)
        with bridged_site(*make(stack, *templates), Path(folder)) as site:
            _work(site)


def _templates(stack: EmbeddedStack, folder: Path, rows: Path | None) -> tuple[str, str]:
    legacy = stack.create_database("legacy_tables")
    site = LegacySite(legacy, folder)
    site.manage("migrate")
    site.manage("seed")
    if rows is not None:
        _replace_rows(legacy, rows)
    with connect(stack.create_database("native_tables")) as connection:
        upgrade(connection)
    return "legacy_tables", "native_tables"


def _replace_rows(legacy: str, rows: Path) -> None:
    """And let the site's own superuser in."""
    with psycopg.connect(legacy) as connection:
        ((password,),) = connection.execute(
            "SELECT password FROM users_user WHERE username = 'admin1'"
        ).fetchall()
    load(legacy, rows)
    with psycopg.connect(legacy) as connection:
        connection.execute(
            "UPDATE users_user SET username = 'admin1', password = %s, is_superuser = true,"
            " is_staff = true, is_active = true WHERE id = (SELECT id FROM users_user"
            " ORDER BY username <> 'admin1', NOT is_superuser, id LIMIT 1)",
            [password],
        )


def _work(site: BridgedSite) -> None:
    before = os.getloadavg()[0]
    work = working.natively_owned(working.astray(working.by_hand(site)))
    print(latencies.table(work.seconds))
    print(f"load {before:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors")
    for why in work.unchangeable.values():
        print(f"not changed: {why}")
    print(f"unequal: {site.unequal(*MAPPINGS)}, conflicts: {site.conflicts()}")


if __name__ == "__main__":
    main()
