"""`strangler bench all`: every benchmark, one after the other (scripts/bench)."""

from collections.abc import Sequence

import click

from proxy.bench.cases import PEERS
from proxy.cli.bench import bridge, crowd, forward, memory, pages, running, shadow


@click.command("all")
@click.option("--short", is_flag=True, help="A first look: fewer and shorter rounds, less data.")
@running.peers(PEERS)
@running.as_json
def everything(short: bool, peers: Sequence[str], as_json: bool) -> None:
    """Run forward, crowd, memory, bridge, shadow and pages, and print their tables.

    As JSON it is what `bench forward` prints, with the others under `crowd`, `memory`, `bridge`,
    `shadow` and `pages`.

    \b
    Exit codes: 0 measured, 1 some answers were wrong or failed, 2 cannot run.
    """
    beside = [name for name in crowd.PEERS if name in peers]
    forwarded = forward.measured(None, None, peers, short=short)
    crowded = crowd.measured(None, None, beside, short=short)
    added = memory.measured(None, short=short)
    carried = bridge.measured(None, short=short)
    aside = shadow.measured(None, None, short=short)
    shown = pages.measured(None, None, short=short)
    if as_json:
        parts = {
            "crowd": crowded.as_dict(),
            "memory": added.as_dict(),
            "bridge": carried.as_dict(),
            "shadow": aside.as_dict(),
            "pages": shown.as_dict(),
        }
        running.print_json(forwarded.as_dict() | parts)
    else:
        forward.show(forwarded)
        crowd.show(crowded)
        memory.show(added)
        bridge.show(carried)
        shadow.show(aside)
        pages.show(shown)
    running.leave(forwarded, crowded, added, carried, aside, shown)
