"""Start one worker, or what runs beside them, as a program of its own."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from proxy.supervisor.handover import Handover


@dataclass(frozen=True, slots=True)
class Spawned:
    """A started program; `ready` is the end of the pipe on which it says that it is ready."""

    place: int
    program: "subprocess.Popen[bytes]"
    ready: int

    @property
    def pid(self) -> int:
        return self.program.pid


def spawn(command: Sequence[str], place: int, sockets: Sequence[int], lifeline: int) -> Spawned:
    """Start the program of a place; raises `OSError` where the system cannot.

    It is in a session of its own: Ctrl-C and the end of a terminal reach it through us only.
    """
    ready, announce = os.pipe()
    own = place % len(sockets) if sockets else 0
    handover = Handover(place, (*sockets[own:], *sockets[:own]), announce, lifeline)
    try:
        program = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            pass_fds=handover.descriptors,
            env=os.environ | handover.as_environment(),
            start_new_session=True,
        )
    except OSError:
        os.close(ready)
        raise
    finally:
        os.close(announce)
    return Spawned(place, program, ready)
