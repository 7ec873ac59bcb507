"""A worker that is in a hurry, in a process of its own: signs of life and their absence are a
second's matter. Settings come from the environment, as those of `strangler worker`."""

import asyncio

from proxy.background.working import Timing, site_of, work
from proxy.settings import Settings
from proxy.telemetry import configure_logging

TIMING = Timing(tick=0.2, beat=0.3, heartbeat=1, sweep=1, dequeue=1.0)

if __name__ == "__main__":
    settings = Settings.load()
    configure_logging(settings.log_format)
    site = site_of(settings, verify_every=settings.verify_every)
    asyncio.run(work(settings, site, TIMING))
