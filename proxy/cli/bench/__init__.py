"""`strangler bench`: how fast the proxy is on this machine, beside others, and what it takes."""

import click

from proxy.cli.bench import crowd, everything, forward, memory


@click.group()
def bench() -> None:
    """Measure on this machine."""


bench.add_command(forward.forward)
bench.add_command(crowd.crowd)
bench.add_command(memory.memory)
bench.add_command(everything.everything)
