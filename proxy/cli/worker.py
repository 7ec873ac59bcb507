"""`strangler worker`: background tasks and their schedule."""

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from proxy.background.jobs import Site

JOBS = ("sync_once", "verify", "update_blogs")
"""Those of `proxy.background.jobs`, named here so that --help need not import them."""


@click.command()
@click.option("--once", "job", type=click.Choice(JOBS), help="Do this job now, then exit.")
def worker(job: str | None) -> None:
    """Do what has its time: compare both sides, catch up where no stream is kept running, read the
    feeds of other sites' blogs.

    \b
    verify        one domain after the other, all within STRANGLER_VERIFY_EVERY (1h); rows that
                  differ are an error in the log, with what to do
    sync_once     every STRANGLER_SYNC_EVERY (5m), where nobody follows the stream; without a
                  stream the domains that were copied by hand are copied again
    update_blogs  every STRANGLER_BLOGS_EVERY (1h), where the native side owns blogs

    Any number of workers may run; each job is done by one. They queue in STRANGLER_REDIS_URL,
    without it in the native database. SIGTERM hands back the job that runs.

    \b
    Settings: STRANGLER_LEGACY_DATABASE_URL (read only), STRANGLER_DATABASE_URL
    Exit codes: 0 told to stop (--once: done), 2 cannot run; with --once 1 rows or feeds
    differ or were left out.
    Example: strangler worker --once verify
    """
    import asyncio

    from proxy.background.working import site_of, work
    from proxy.settings import Settings
    from proxy.telemetry import configure_logging

    settings = Settings.load()
    site = site_of(settings, verify_every=0 if job else settings.verify_every)
    configure_logging(settings.log_format)
    if job is None:
        asyncio.run(work(settings, site))
    else:
        _do(job, site)


def _do(job: str, site: "Site") -> None:
    from proxy.background.jobs import perform
    from proxy.background.working import Told
    from proxy.cli.sync_following import stopped_by_signals

    with stopped_by_signals() as stop:
        outcome = perform(job, site, stop)
    Told(job).tell(outcome)
    sys.exit(outcome.code)
