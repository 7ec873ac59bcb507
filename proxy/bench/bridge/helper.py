"""A process of our own that does one thing of the bridge's, so that its memory is only that."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from proxy.bench.bridge import alone
from proxy.bench.bridge.figures import Memory
from proxy.bench.bridge.site import Site
from proxy.bench.faults import CannotMeasureError

# Branches of a process that has read the code and done nothing else.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([alone.__name__])


@dataclass(frozen=True, slots=True)
class Done:
    """What `alone` said: seconds of the work alone, and figures of its own."""

    seconds: float
    memory: Memory
    told: dict[str, Any]


def done(site: Site, what: str, **options: object) -> Done:
    """Do it and wait. Raises `CannotMeasureError` if it failed."""
    with _started(site, what, options) as pipe:
        return _answer(pipe)


@contextmanager
def following(site: Site) -> Iterator[None]:
    """Both directions are followed for the length of a block."""
    with _started(site, "follow", {}) as pipe:
        _received(pipe)
        yield
        pipe.send(None)
        _answer(pipe)


@contextmanager
def _started(site: Site, what: str, options: dict[str, object]) -> Iterator["Connection[Any, Any]"]:
    ours, theirs = _PROCESSES.Pipe()
    process = _PROCESSES.Process(
        target=alone.work, args=(theirs, what, site.legacy, site.native, options)
    )
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()


def _answer(pipe: "Connection[Any, Any]") -> Done:
    told = _received(pipe)
    memory = Memory(told.pop("before_mib"), told.pop("peak_mib"))
    return Done(told.pop("seconds"), memory, told)


def _received(pipe: "Connection[Any, Any]") -> dict[str, Any]:
    try:
        told: dict[str, Any] = pipe.recv()
    except EOFError:
        raise CannotMeasureError("a part of the bridge failed; what it said is above") from None
    return told
