"""`strangler parity`: both sides are asked the same, and what they answer otherwise is named."""

import asyncio
import shutil
import sys
import time
from pathlib import Path

import click

from proxy.cli.files import write_whole
from proxy.cli.parity.questions import QuestionError
from proxy.cli.parity.running import CRAWLED, Options, run
from proxy.cli.parity.shown import as_json, as_text
from proxy.cli.parity.sides import SideError
from proxy.parity.page import page
from proxy.parity.rules import RULES
from proxy.routing.faults import RoutingError
from proxy.settings import Settings

PIPE_WIDTH = 120
"""Columns of a table that no terminal limits."""

_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--urls", type=_file, help="Ask what this file lists, one question a line.")
@click.option("--recorded", type=_file, help="Ask what this access log of the proxy has.")
@click.option(
    "--crawl",
    type=click.IntRange(1),
    help=f"Ask for so many pages that links lead to; {CRAWLED} where no source is named.",
)
@click.option("--domain", help="Only this domain of routing.yaml; without it, all ported ones.")
@click.option("--sample", type=click.IntRange(1), help="Ask only so many of them, taken at random.")
@click.option("--legacy", metavar="URL", help="The legacy site, instead of STRANGLER_LEGACY_URL.")
@click.option(
    "--native",
    metavar="URL",
    help="A running proxy in development, asked with Strangler-Force; without it the native side "
    "runs in this process.",
)
@click.option("--header", multiple=True, metavar="'NAME: VALUE'", help="Sent with each request.")
@click.option(
    "--host", help="Host named to both sides; STRANGLER_ALLOWED_HOSTS' first if not given."
)
@click.option("--unsafe", is_flag=True, help="Also ask what may change data, ON BOTH SIDES.")
@click.option(
    "--repeat-control",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="F",
    help="Ask the legacy side twice for this share, to learn what it does not repeat itself.",
)
@click.option("--concurrency", type=click.IntRange(1, 64), default=4, show_default=True)
@click.option("--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True)
@click.option(
    "--ignore",
    multiple=True,
    metavar="[DOMAIN=]PATH",
    help="A field path that may differ, such as json:/generated or 'html:*/footer[*]'.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice([rule.name for rule in RULES]),
    help="Do not take for equal what this rule does.",
)
@click.option("--skew", type=click.FloatRange(0), default=5.0, show_default=True)
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for programs.")
@click.option("--html", type=_file, help="Also write a page for a browser into this file.")
@click.option("--save", type=_file, help="Also write the tally, which can be added to others.")
def parity(json_wanted: bool, html: Path | None, save: Path | None, **options: object) -> None:
    """Ask both sides the same, and name every place at which their answers differ.

    Compared are status, headers, cookies and bodies, these as what they are: JSON and HTML as
    trees. What changes from one answer to the next (CSRF tokens, nonces, "now") is taken for equal
    by rules that the report names. What the native side would leave to the legacy side is counted
    and not compared.

    --unsafe sends POST, PUT, PATCH and DELETE to both sides. Each side then does what it says:
    rows change twice, and mails go out twice. Use copies of both databases.

    \b
    Settings: STRANGLER_LEGACY_URL, STRANGLER_DATABASE_URL and what native pages need beside
    Exit codes: 0 equal, 1 something differs or was not answered, 2 cannot run.
    Example: strangler parity --domain downloads --crawl 300 --html parity.html
    """
    wanted = Options(**options)  # type: ignore[arg-type]  # click has checked them
    if wanted.unsafe:
        click.echo(
            "warning: --unsafe: both sides will carry out what is asked; rows may change twice "
            "and mails go out twice",
            err=True,
        )
    started = time.monotonic()
    try:
        found, left_out = asyncio.run(run(wanted, Settings.load()))
    except (QuestionError, SideError, RoutingError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    seconds = time.monotonic() - started
    if save is not None:
        write_whole(save, found.to_json().decode(), force=True, remedy="")
    if html is not None:
        write_whole(html, page(found, time.time()), force=True, remedy="")
    if json_wanted:
        click.echo(as_json(found, left_out, seconds))
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPE_WIDTH
        click.echo(as_text(found, left_out, seconds, width))
    sys.exit(0 if found.equal else 1)
