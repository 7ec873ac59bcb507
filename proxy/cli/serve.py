"""`strangler serve`: the proxy, in as many workers as asked for."""

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512))
def serve(host: str, port: int, workers: int) -> None:
    """Answer requests: natively what is ported, from the legacy site what is not.

    Settings come from STRANGLER_… variables or a .env file; at least STRANGLER_LEGACY_URL.
    Edits of routing.yaml take effect within a second, in every worker.
    """
    from proxy.serve import run

    run(host, port, workers)
