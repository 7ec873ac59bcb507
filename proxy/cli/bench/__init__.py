"""`strangler bench`: how fast proxy and bridge are on this machine, beside others."""

import click

from proxy.cli.bench import bridge, crowd, everything, forward, memory, pages, shadow, templates


@click.group()
def bench() -> None:
    """Measure on this machine."""


bench.add_command(forward.forward)
bench.add_command(crowd.crowd)
bench.add_command(memory.memory)
bench.add_command(bridge.bridge)
bench.add_command(shadow.shadow)
bench.add_command(pages.pages)
bench.add_command(templates.templates)
bench.add_command(everything.everything)
