"""Both streams begin: first the way back, so that nothing that is written natively escapes it."""

from dataclasses import dataclass

from legacy_bridge.replication import init, way_back
from legacy_bridge.replication.copy import Domains, Watch
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.init import Begun
from legacy_bridge.replication.way_back import WayBack


@dataclass(frozen=True, slots=True)
class Beginning:
    """`no_way_back`: why there is none, each with the remedy. Rows are carried forward anyway; no
    domain can be given to the native side."""

    forward: Begun
    back: WayBack | None
    no_way_back: tuple[str, ...]


def begin(
    legacy_url: str, native_url: str, domains: Domains, watch: Watch, *, again: bool = False
) -> Beginning:
    """Raises `BridgeError` if rows cannot be carried forward; what was there goes on then."""
    back: WayBack | None = None
    problems: tuple[str, ...] = ()
    try:
        back = way_back.prepare(legacy_url, native_url, domains)
    except BridgeError as error:
        problems = error.problems
    try:
        forward = init.init(legacy_url, native_url, domains, watch, again=again)
    except BaseException:
        if back and back.made and not back.anew:
            # Nobody would read from its slot, for which the server would keep its log.
            way_back.drop(legacy_url, native_url)
        raise
    return Beginning(forward, back, problems)


def check(legacy_url: str, native_url: str, domains: Domains) -> tuple[str, ...]:
    """Everything that is in the way of `begin`, each with its remedy. Changes nothing."""
    forward = init.check(legacy_url, native_url, domains)
    back = way_back.check(legacy_url, native_url, domains)
    return (*forward, *(problem for problem in back if problem not in forward))
