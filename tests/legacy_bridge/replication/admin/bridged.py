"""The bundled Django site on a legacy database that has streams to a native one, and back."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, LiteralString

import httpx
import psycopg
from lxml import html

from legacy_bridge.replication.beginning import begin
from legacy_bridge.replication.copy import Unwatched, table_pairs
from legacy_bridge.replication.handing_over import hand_over
from legacy_bridge.replication.owners import Owner, read_owners
from legacy_bridge.replication.pgoutput.lsn import Lsn
from proxy.demo.parts import PROJECT, LegacySite
from tests.legacy_bridge.replication.admin import forms
from tests.legacy_bridge.replication.admin.rows import TABLES, Connection
from tests.legacy_bridge.replication.sides import MAPPINGS, Sides

SECONDS = 60.0
NO_CONFLICTS: dict[Owner, list[Any]] = {side: [] for side in Owner}
# The page has the name of another model than the table.
TABLES_BY_ANOTHER_NAME = {
    "authtoken_tokenproxy": "authtoken_token",
    "redirects_redirect": "django_redirect",
    "sites_site": "django_site",
}


@dataclass(frozen=True, slots=True)
class BridgedSite(Sides):
    """`admin` is a browser in which the superuser has signed in; `at` has a connection to each
    side; `sync` is `strangler sync run`."""

    admin: httpx.Client
    at: Mapping[Owner, Connection]
    sync: "subprocess.Popen[str]"
    pages: Mapping[str, str] = field(default_factory=dict)

    def form(self, path: str) -> forms.Form:
        return forms.read(self.admin.get(path).raise_for_status().text)

    def settle(self) -> None:
        """Everything that was committed is on both sides, and what follows from it."""
        for side in (*Owner, *Owner):
            ((position,),) = self.at[side].execute(_MESSAGE).fetchall()
            self._passed(side, position)

    def seen(self, side: Owner) -> None:
        """All that this side has shown is on the other one, and known to have been seen there:
        what is written there from now on does not lose against it."""
        ((position,),) = self.at[side].execute(_POSITION).fetchall()
        self._passed(side, position)

    def _passed(self, side: Owner, position: str) -> None:
        wait_until(lambda: self.applied(side) >= Lsn.parse(position))

    def applied(self, side: Owner) -> Lsn:
        """How much of what was committed on this side is on the other one."""
        other = side.other
        ((position, fault),) = self.at[other].execute(_APPLIED[side]).fetchall()
        assert fault is None, fault
        return Lsn.parse(position)

    def hand_over(self, to: Owner, *domains: str) -> None:
        """Those that it does not own yet, or of all domains, once all is settled."""
        self.settle()
        legacy, native = self.at[Owner.LEGACY], self.at[Owner.NATIVE]
        owners = read_owners(native)
        for domain in domains or MAPPINGS:
            if owners.of(domain).owner is not to:
                pairs, _ = table_pairs(legacy, native, {domain: MAPPINGS[domain]})
                hand_over(legacy, native, pairs, to)
        self.settle()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nothing is carried anywhere, though nobody has ended."""
        self.sync.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.sync.send_signal(signal.SIGCONT)

    def conflicts(self) -> dict[Owner, list[Any]]:
        """What is kept on each side because it lost, or was refused."""
        return {side: self.at[side].execute(_KEPT[side]).fetchall() for side in Owner}

    def forget_conflicts(self) -> None:
        self.at[Owner.NATIVE].execute("DELETE FROM bridge_conflicts")
        self.at[Owner.LEGACY].execute("DELETE FROM strangler.bridge_conflicts")


@contextmanager
def bridged_site(legacy: str, native: str, folder: Path) -> Iterator[BridgedSite]:
    """Begun, followed by a process, and served by Django."""
    assert begin(legacy, native, MAPPINGS, Unwatched()).no_way_back == ()
    site = LegacySite(legacy, folder, throttling=False, account_limits=False)
    site.start()
    try:
        with (
            _connected(legacy) as on_legacy,
            _connected(native) as on_native,
            httpx.Client(base_url=site.url, timeout=30, trust_env=False) as browser,
            sync_run(Sides(legacy, native), folder) as sync,
        ):
            sign_in(browser)
            at = {Owner.LEGACY: on_legacy, Owner.NATIVE: on_native}
            yield BridgedSite(legacy, native, browser, at, sync, listed(browser))
    finally:
        site.stop()


@contextmanager
def sync_run(sides: Sides, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command as a user runs it, from the moment at which it applies both ways."""
    settings = {**sides.settings, "PYTHONPATH": str(PROJECT)}
    command = "from proxy.cli import main; main(prog_name='strangler')"
    started = subprocess.Popen(
        [sys.executable, "-c", command, "sync", "run"],
        cwd=folder,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    with started, _connected(sides.legacy) as legacy, _connected(sides.native) as native:
        try:
            wait_until(lambda: _applies(native, "forward") and _applies(legacy, "reverse"))
            yield started
        finally:
            started.kill()


def _applies(target: Connection, stream: str) -> bool:
    found = target.execute(_APPLIES, [stream]).fetchone()
    return found == (1,)


def sign_in(browser: httpx.Client) -> None:
    page = html.fromstring(browser.get("/admin/login/").raise_for_status().text)
    (form,) = page.cssselect("#content form")
    assert isinstance(form, html.FormElement)
    values = dict(form.form_values()) | {"username": "admin1", "password": "admin-1"}
    assert browser.post("/admin/login/", data=values).status_code == 302


def listed(browser: httpx.Client) -> dict[str, str]:
    """Legacy table → the address of its list, for all that the admin has."""
    page = html.fromstring(browser.get("/admin/").raise_for_status().text)
    found = {}
    for link in page.cssselect("#content-main tr[class^=model-] th a"):
        address = str(link.get("href"))
        name = "_".join(address.strip("/").split("/")[1:])
        found[TABLES_BY_ANOTHER_NAME.get(name, name)] = address
    assert found.keys() <= TABLES.keys()
    return found


def wait_until(reached: Any) -> None:
    deadline = monotonic() + SECONDS
    while not reached():
        assert monotonic() < deadline
        sleep(0.005)


def _connected(url: str) -> Connection:
    return psycopg.connect(url, autocommit=True, options="-c TimeZone=UTC")


# The stream carries it at once; whether the end of the log has come is only seen now and then.
_MESSAGE: LiteralString = "SELECT pg_logical_emit_message(true, 'strangler.test', '')::text"
_POSITION: LiteralString = "SELECT pg_current_wal_insert_lsn()::text"
_APPLIED: dict[Owner, LiteralString] = {
    Owner.LEGACY: "SELECT applied_lsn, fault FROM bridge_streams WHERE name = 'forward'",
    Owner.NATIVE: "SELECT applied_lsn, fault FROM strangler.bridge_streams WHERE name = 'reverse'",
}
_KEPT: dict[Owner, LiteralString] = {
    Owner.LEGACY: """
        SELECT table_name, key, reason FROM strangler.bridge_conflicts
        UNION ALL SELECT table_name, key, reason FROM strangler.bridge_quarantine
    """,
    Owner.NATIVE: """
        SELECT table_name, key, reason FROM bridge_conflicts
        UNION ALL SELECT table_name, key, reason FROM bridge_quarantine
    """,
}
# A slot that is read is one whose changes are applied.
_APPLIES: LiteralString = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
AND objid::int8 = (hashtext(%s)::int8 & 4294967295)
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
