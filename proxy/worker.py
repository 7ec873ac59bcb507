"""One worker process: its part of the proxy, from its listening socket to its drain.

Started by the supervisor as `python -m proxy.worker`, with a `Handover` in its environment.
"""

import asyncio
import gc
import signal

import structlog
import uvloop

from proxy.server.listener import Listener
from proxy.settings import Settings
from proxy.starting import uncollected
from proxy.supervisor.handover import Handover
from proxy.telemetry import configure_logging
from proxy.visitor import within

log = structlog.get_logger("worker")


async def work(settings: Settings, handover: Handover) -> None:
    """Serve until told to stop, then finish what is under way."""
    with uncollected():
        from proxy.app import App
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(handover.lifeline, stop.set)  # its end: the supervisor is gone
    app = App(settings, loop)
    app.start()
    await app.settle()
    trusted = settings.trusted_proxies
    listener = Listener(
        handover.listeners(),
        app.serving,
        app.poller,
        app.clock,
        lambda peer: bool(trusted) and within(peer, trusted),
    )
    gc.collect()
    gc.freeze()  # what is here now stays: the collector need not look at it again
    handover.announce()
    await stop.wait()
    loop.remove_reader(handover.lifeline)
    listener.stop()
    if not await app.serving.drain(settings.drain_timeout):
        log.warning("drain_cut_short", seconds=settings.drain_timeout)
    await app.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's
    settings = Settings.load()
    configure_logging(settings.log_format)
    handover = Handover.from_environment()
    uvloop.run(work(settings, handover))


if __name__ == "__main__":
    main()
