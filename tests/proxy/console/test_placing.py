"""Which rules take the legacy URLs: the same in the process aside as in this one."""

from pathlib import Path

from legacy_bridge.manifest import reading
from proxy.abilities import abilities_under, legacy_pages
from proxy.console.placing import placed
from proxy.demo.parts import LegacySite
from proxy.routing.parse import parse
from proxy.routing.placement import Placement
from proxy.routing.table import RoutingTable
from proxy.settings import Settings
from tests.proxy.console.system import ROUTING


async def test_placed_aside(legacy_site: LegacySite, tmp_path: Path) -> None:
    """But for what the legacy site alone has: no rule takes that."""
    file = legacy_site.manifest(tmp_path / "manifest.json")
    config = parse(ROUTING, {"downloads", "users"})
    found = await placed(config, file)
    manifest = reading.load(file)
    pages = legacy_pages(manifest, abilities_under(Settings.load(), manifest))
    table = RoutingTable.build(config, pages)
    assert [list(places) for places in found] == [
        [
            frozenset() if table.match("GET", path.encode()).passed_on else pattern.rules[area]
            for area, path in pattern.paths.items()
        ]
        for pattern in Placement(table, manifest).patterns
    ]
    rules = {rule.path for places in found for each in places for rule in each}
    assert "/downloads/**" in rules
    assert "/accounts/**" not in rules  # nothing natively: what its pages need is not set
