"""Flips by editing routing.yaml while visitors keep asking (long form: scripts/flip_drill)."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from loadtests.flip_drill import LIMIT, Seen, drill, judge, save
from loadtests.flip_drill import Flip as FlipMade
from proxy.demo.parts import LegacySite, RunningProxy
from proxy.embedded.child import on_free_port
from tests.longer import shorter

ROUTING = """version: 1
domains:
  downloads:
    phase: {phase}
    routes: [/downloads/**]
"""
PATHS = ("/downloads/operating-systems/", "/downloads/feed.rss")


def rendered(owner: str) -> str:
    return ROUTING.format(phase="reads" if owner == "native" else "legacy")


@pytest.fixture
def proxy(
    legacy_site: LegacySite, native_database_url: str, tmp_path: Path
) -> Iterator[RunningProxy]:
    (tmp_path / "routing.yaml").write_text(rendered("legacy"))
    with psycopg.connect(native_database_url) as native:  # others let domains go only so far there
        native.execute("DELETE FROM ownership_phases")
    settings = {
        "STRANGLER_LEGACY_URL": legacy_site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy_site.database_url,
        "STRANGLER_DATABASE_URL": native_database_url,
        "STRANGLER_BRIDGE": "off",  # nobody holds a domain back for its gates
    }
    running = on_free_port(lambda port: RunningProxy(settings, tmp_path, port=port, workers=2))
    yield running
    running.close()


async def test_flips_under_load(proxy: RunningProxy, tmp_path: Path) -> None:
    report = await drill(
        proxy.url, PATHS, tmp_path / "routing.yaml", rendered, flips=shorter(6, 2), connections=32
    )
    assert report.failures == []
    assert report.unseen == 0
    # The short form runs beside others, whose work these two workers wait for.
    assert max(report.delays) <= shorter(LIMIT, 5 * LIMIT)
    assert len(report.delays) == report.flips


async def test_a_faulty_file_changes_nothing_and_is_counted(
    proxy: RunningProxy, tmp_path: Path
) -> None:
    routing = tmp_path / "routing.yaml"
    save(routing, rendered("native"))
    async with httpx.AsyncClient(base_url=proxy.url, timeout=30) as client:
        await owner_becomes(client, "native")
        save(routing, "version: 1\ndomains:\n  downloads:\n    phase: nativ\n")
        while (await ready(client))["routing"]["faults"] == 0:
            pass
        assert (await client.get(PATHS[0])).headers["strangler-owner"] == "native"
        metrics = (await client.get("/__strangler__/metrics")).text
        assert 'strangler_routing_reloads_total{result="faulty"}' in metrics
        save(routing, rendered("legacy"))
        await owner_becomes(client, "legacy")
    events = [json.loads(line) for line in proxy.log.read_text().splitlines()]
    faulty = [event for event in events if event["event"] == "routing_faulty"]
    assert faulty
    assert "phase" in faulty[0]["faults"][0]


async def owner_becomes(client: httpx.AsyncClient, owner: str) -> None:
    while (await client.get(PATHS[0])).headers["strangler-owner"] != owner:
        pass


async def ready(client: httpx.AsyncClient) -> dict[str, dict[str, int]]:
    report: dict[str, dict[str, int]] = (await client.get("/__strangler__/health/ready")).json()
    return report


def test_a_late_answer_of_the_old_owner_is_found() -> None:
    """The drill itself can fail: one answer from the wrong side, too late, is reported."""
    flips = [FlipMade(10.0, "native"), FlipMade(20.0, "legacy")]
    seen = [
        Seen(10.1, 10.2, "legacy"),
        Seen(11.5, 11.6, "legacy"),
        Seen(12.0, 12.1, "native"),
        Seen(19.9, 20.1, "legacy"),
        Seen(20.5, 20.6, "legacy"),
    ]
    report = judge(flips, seen, failures=[], connections=1)
    assert report.delays == [1.5, 0.0]
    assert not report.held


def test_a_flip_that_nobody_saw_is_found() -> None:
    report = judge(
        [FlipMade(1.0, "native")], [Seen(1.5, 1.6, "legacy")], failures=[], connections=1
    )
    assert (report.unseen, report.held) == (1, False)
