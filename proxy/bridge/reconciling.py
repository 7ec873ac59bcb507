"""The reconciler, in a thread of the bridge's process: every replica has one, one of them leads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from legacy_bridge.beside import beside
from legacy_bridge.replication.connections import who
from legacy_bridge.replication.ends import Ends
from proxy.ownership.letting import Letting, measure_by
from proxy.ownership.reconciler import Reconciler
from proxy.settings import Settings
from proxy.starting import uncollected
from proxy.supervisor.handover import INSTANCE


@contextmanager
def reconciling(settings: Settings, ends: Ends, stop: Event) -> Iterator[None]:
    """Meanwhile what routing.yaml wants becomes so. A fault that the reconciler does not get over
    sets `stop` and is raised at the end: a process that goes on without it would carry rows, and
    leave every flip undone."""
    with uncollected():
        from proxy.abilities import abilities, movable, native_tables

    holder = f"{os.environ.get(INSTANCE, 'alone')} {who()}"
    reconciler = Reconciler(
        ends=ends,
        domains=movable(),
        routing=settings.routing,
        abilities=abilities(settings),
        holder=holder,
        letting=Letting(measure_by(ends, native_tables()), holder),
    )
    faults: list[Exception] = []

    def run(ended: Event) -> None:
        try:
            reconciler.run(ended)
        except Exception as error:
            faults.append(error)
            stop.set()

    with beside(run, "reconciler"):
        yield
    if faults:
        raise faults[0]
