"""How the shadow process begins and ends as a child of the supervisor."""

import asyncio
import os
import signal
import traceback
from collections.abc import Callable

from proxy.settings import Settings, SettingsError
from proxy.shadow.process import ShadowProcess, Wrap, lowest_priority
from proxy.supervisor.handover import INSTANCE, READY, Handover
from proxy.supervisor.sidecar import REPAIR
from proxy.telemetry import configure_logging, metrics_folder

LONGEST = 3000
"""Characters of a traceback, from its end; a pipe takes 4096 octets at once."""


def main(wrap: Wrap = lambda app: app, give_way: Callable[[], None] = lowest_priority) -> int:
    """The exit code, as the supervisor reads it. `wrap` is put around the native application."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's
    give_way()
    handover = Handover.from_environment()
    try:
        settings = Settings.load()
        configure_logging(settings.log_format)
        asyncio.run(_run(settings, handover, wrap))
    except SettingsError as error:
        handover.say(str(error)[:LONGEST].encode("ascii", "backslashreplace"))
        return REPAIR
    except Exception:  # told to the supervisor, which logs it once and not with every attempt
        handover.say(traceback.format_exc()[-LONGEST:].encode("ascii", "backslashreplace"))
        return 1
    return 0


async def _run(settings: Settings, handover: Handover, wrap: Wrap) -> None:
    folder = metrics_folder()
    if folder is None:
        raise SettingsError("the shadow process is started by `strangler serve` alone")
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(handover.lifeline, stop.set)  # its end: the supervisor is gone
    worker = f"{os.environ.get(INSTANCE, 'alone')}:{os.getpid()}"
    process = ShadowProcess(settings, folder, worker, wrap)
    running = asyncio.create_task(process.run(lambda: handover.say(READY)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    loop.remove_reader(handover.lifeline)
    running.cancel()
    stopping.cancel()
    await asyncio.gather(running, stopping, return_exceptions=True)
    if not running.cancelled() and (error := running.exception()) is not None:
        raise error
