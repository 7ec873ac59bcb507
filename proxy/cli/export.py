"""`strangler export`: the routing for a front server, which forwards what is plainly legacy."""

import sys
from pathlib import Path

import click

from legacy_bridge.replication.faults import BridgeError
from ported_domains.registry import DOMAINS
from proxy.abilities import abilities
from proxy.export.envoy import envoy
from proxy.export.haproxy import haproxy
from proxy.export.nginx import nginx
from proxy.export.passages import passages
from proxy.ownership.phases import Phase
from proxy.ownership.report import told
from proxy.routing.faults import Problem, RoutingError
from proxy.routing.parse import load
from proxy.routing.values import origin
from proxy.settings import Settings

SERVERS = {"nginx": nginx, "haproxy": haproxy, "envoy": envoy}


def _url(context: click.Context, parameter: click.Parameter, value: str) -> str:
    url = origin(value)
    if isinstance(url, Problem):
        raise click.BadParameter(f"{url.message}; {url.remedy}")
    return url


def _retired(settings: Settings) -> frozenset[str]:
    """The domains that the native database says are so; none without one. Raises `BridgeError`."""
    url = settings.plain("database_url")
    if url is None:
        return frozenset()
    found = told(url, {name: [] for name in DOMAINS})
    return frozenset(name for name, each in found.items() if each.standing.retired)


@click.command()
@click.argument("server", type=click.Choice(list(SERVERS)))
@click.option(
    "--proxy",
    default="http://127.0.0.1:8000",
    show_default=True,
    callback=_url,
    help="Where the front server reaches the proxy.",
)
@click.option("--listen", type=click.IntRange(1, 65535), default=80, show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file.")
def export(server: str, proxy: str, listen: int, output: Path | None) -> None:
    """Print the routing of routing.yaml as configuration of SERVER.

    Domains in phase legacy and what no rule takes go straight to the legacy site, everything else
    to the proxy, by the raw path and the method as the proxy decides. What is retired goes to the
    proxy whatever the file wants: with STRANGLER_DATABASE_URL that is known. A flip from or to
    phase legacy needs a new export; other flips do not. What goes straight to the legacy site is in
    none of the proxy's figures, and no cookie says that its visitor may just have written.

    \b
    Settings: STRANGLER_ROUTING, STRANGLER_LEGACY_URL, STRANGLER_DATABASE_URL
    Exit codes: 0 done, 2 routing.yaml has faults, the legacy site's URL is not known, or the
    database cannot be read.
    Example: strangler export nginx --proxy http://10.0.0.5:8000 -o /etc/nginx/conf.d/site.conf
    """
    settings = Settings.load()
    try:
        config = load(settings.routing, abilities(settings))
        retired = _retired(settings)
    except (RoutingError, BridgeError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    legacy = config.legacy.urls or (
        settings.require("legacy_url", "it says where the legacy site answers"),
    )
    for name in sorted(retired & config.domains.keys()):
        if config.domains[name].phase is Phase.LEGACY:
            click.echo(f"{name} is retired, so that the proxy gets its requests", err=True)
    text = SERVERS[server](passages(config, retired), proxy, tuple(legacy), listen)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
        click.echo(f"{output}: written", err=True)
