"""Which rules take the paths of each legacy URL: worked out in a process of its own.

That takes seconds of a processor for a large site, and in a thread the visitors of the worker would
wait for it again and again. It depends on the rules and the manifest only, so that a flip asks for
nothing anew.

    worker ─ stdin: routing.yaml in force, path of the manifest ─▶ this ─ stdout: places ─▶ worker

The settings are those of the worker.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from legacy_bridge.manifest import reading
from legacy_bridge.replication.faults import BridgeError
from proxy.abilities import abilities_under, legacy_pages
from proxy.routing.config import RoutingConfig
from proxy.routing.placement import Placed, Placement
from proxy.routing.rules import Rule, in_order
from proxy.routing.table import RoutingTable
from proxy.routing.territory import Area
from proxy.settings import Settings

Places = Sequence[frozenset[Rule]]
"""Of one legacy URL: the rules at each part of the territory that it reaches."""
COMMAND = (sys.executable, "-P", "-m", "proxy.console.placing")
NICE = 10
_decode = msgspec.json.Decoder(list[list[list[int]]]).decode


async def placed(config: RoutingConfig, manifest: Path) -> list[Places]:
    """Of all legacy URLs. Raises `BridgeError` if it comes to nothing."""
    asked = msgspec.json.encode([config.model_dump(mode="json", exclude_unset=True), str(manifest)])
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        found, _ = await process.communicate(asked)
    finally:
        with suppress(ProcessLookupError):
            process.kill()  # which it is only if nobody waits for it any more
    if process.returncode:
        raise BridgeError(f"the legacy URLs could not be placed: exit code {process.returncode}")
    rules = in_order(config)
    return [
        [frozenset(rules[number] for number in place) for place in places]
        for places in _decode(found)
    ]


def place(asked: bytes) -> bytes:
    """What the process does: rules by their number in their order. None takes what the legacy site
    alone has."""
    written, file = msgspec.json.decode(asked)
    manifest = reading.load(Path(file))
    pages = legacy_pages(manifest, abilities_under(Settings.load(), manifest))
    table = RoutingTable.build(RoutingConfig.model_validate(written), pages)
    numbers = {rule: number for number, rule in enumerate(table.rules)}

    def taking(pattern: Placed, area: Area) -> list[int]:
        if table.match("GET", pattern.paths[area].encode("ascii")).passed_on:
            return []
        return sorted(numbers[rule] for rule in pattern.rules[area])

    patterns = Placement(table, manifest).patterns
    return msgspec.json.encode(
        [[taking(pattern, area) for area in pattern.rules] for pattern in patterns]
    )


def main() -> None:
    os.nice(NICE)
    sys.stdout.buffer.write(place(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
