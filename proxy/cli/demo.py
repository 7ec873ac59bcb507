"""`strangler demo`: everything on this machine, and a walk through the main job."""

import json
import signal
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from proxy.demo.smoke import Seen, walk
from proxy.demo.system import System, default_folder, running_system
from proxy.embedded.child import EmbeddedError, free_port
from proxy.supervisor.listening import check_free

WATCH_SECONDS = 0.5


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--smoke", is_flag=True, help="Walk through the main job on free ports, then exit.")
@click.option("--json", "as_json", is_flag=True, help="With --smoke: print what was seen as JSON.")
def demo(port: int, smoke: bool, as_json: bool) -> None:
    """Run a Django site behind the proxy, with all it needs, until Ctrl-C.

    PostgreSQL and Redis come from wheels; servers named in the settings are used instead.

    \b
    Exit codes of --smoke: 0 all held, 1 something did not, 2 the system could not be set up.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(_smoke(as_json) if smoke else _run(port))
    except EmbeddedError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        sys.exit(130 if smoke else 0)


def _say(what: str) -> None:
    click.echo(f"· {what}", err=True)


def _run(port: int) -> int:
    check_free("127.0.0.1", port)
    with running_system(default_folder(), port, _say) as system:
        _show_what_to_try(system)
        over = threading.Event()
        while system.proxy.running:
            over.wait(WATCH_SECONDS)
    click.echo(f"The proxy ended; its log is {system.proxy.log}", err=True)
    return 1


def _show_what_to_try(system: System) -> None:
    url = system.proxy.url
    click.echo(f"""
The site is at {url}

  The pages              {url}/downloads/
  Django's admin         {url}/admin/   (admin1 / admin-1)
  The console            {url}/__strangler__/   (once logged in: phases, traffic, flips)
  An API                 {url}/api/v2/downloads/release/
  Piece by piece         {url}/streams/   (events, upload, WebSocket)
  Events as they happen  curl -N {url}/streams/events/
  An upload of 300 MB    head -c 300M /dev/zero | curl -T - {url}/streams/sink/
  Who answered?          curl -sI {url}/downloads/ | grep -i strangler
  Flip a domain          in the console, or set `phase: native` in {system.routing}
  A form, natively       flip successstories, submit {url}/success-stories/create/,
                         publish it in Django's admin, and see it natively
  One login, two sides   log in at {url}/accounts/login/ (admin1 / admin-1), then flip
                         the domain users to native: still logged in, Django's admin open
  Do something natively  {url}/accounts/email/   (mails: {system.mails})
  Log out natively       {url}/accounts/logout/   (out on both sides)
  Metrics                {url}/__strangler__/metrics
  The legacy site alone  {system.site.url}
  Log of the proxy       {system.proxy.log}   (and of the bridge)

Ctrl-C ends everything.""")


def _smoke(as_json: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="strangler-demo-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
        with running_system(folder, free_port(), _say, limited=False) as system:
            seen = []
            for step in walk(system):
                _say(f"{step.step}: {step.what}")
                seen.append(step)
    if as_json:
        click.echo(json.dumps([asdict(step) for step in seen]))
    else:
        _table(seen)
    return 0 if all(step.held for step in seen) else 1


def _table(seen: list[Seen]) -> None:
    table = Table("", "step", "what was seen", "seconds")
    for step in seen:
        mark = "[green]✓[/]" if step.held else "[red]✗[/]"
        table.add_row(mark, step.step, step.what, f"{step.seconds:.2f}")
    Console().print(table)
