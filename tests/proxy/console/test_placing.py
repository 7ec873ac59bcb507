"""Which rules take the legacy URLs: the same in the process aside as in this one."""

from pathlib import Path

from legacy_bridge.manifest import reading
from proxy.console.placing import placed
from proxy.demo.parts import LegacySite
from proxy.routing.parse import parse
from proxy.routing.placement import Placement
from proxy.routing.table import RoutingTable
from tests.proxy.console.system import ROUTING


async def test_placed_aside(legacy_site: LegacySite, tmp_path: Path) -> None:
    file = legacy_site.manifest(tmp_path / "manifest.json")
    config = parse(ROUTING, {"downloads", "users"})
    found = await placed(config, file)
    patterns = Placement(RoutingTable.build(config), reading.load(file)).patterns
    assert [list(places) for places in found] == [
        list(pattern.rules.values()) for pattern in patterns
    ]
    assert any(rules for places in found for rules in places)
