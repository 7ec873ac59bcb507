"""The bridge's process: follows the legacy database until SIGTERM, or until its supervisor is gone.

Started by the supervisor as `python -m proxy.bridge`, with a `Handover` in its environment.
"""

import os
import select
import signal
import sys
import traceback
from threading import Event, Thread

from legacy_bridge.replication.ends import Ends
from legacy_bridge.replication.faults import BridgeError
from proxy.bridge.keeping import keep
from proxy.bridge.reconciling import reconciling
from proxy.settings import Settings, SettingsError
from proxy.supervisor.handover import Handover
from proxy.supervisor.sidecar import REPAIR, SidecarLimits
from proxy.telemetry import configure_logging

LONGEST = 3000
"""Characters of a traceback, from its end; a pipe takes 4096 octets at once."""


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's
    handover = Handover.from_environment()
    stop, ended = Event(), Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    Thread(target=_outlive_nobody, args=[handover.lifeline, stop, ended], daemon=True).start()
    try:
        settings = Settings.load()
        configure_logging(settings.log_format)
        legacy_url = settings.require("legacy_database_url", "the rows are read from there")
        native_url = settings.require("database_url", "the rows are written there")
        with reconciling(settings, Ends(legacy_url, native_url), stop):
            keep(legacy_url, native_url, handover, stop)
    except (BridgeError, SettingsError) as error:
        handover.say(str(error)[:LONGEST].encode("ascii", "backslashreplace"))
        return REPAIR
    except Exception:  # told to the supervisor, which logs it once and not with every attempt
        handover.say(traceback.format_exc()[-LONGEST:].encode("ascii", "backslashreplace"))
        return 1
    finally:
        ended.set()
    return 0


def _outlive_nobody(lifeline: int, stop: Event, ended: Event) -> None:
    """Without a supervisor there is nobody who could end a process that does not end by itself."""
    select.select([lifeline], [], [])  # workers have made it non-blocking
    stop.set()
    if not ended.wait(SidecarLimits().grace):
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
