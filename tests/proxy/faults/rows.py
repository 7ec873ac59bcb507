"""All rows, in the order in which a request travels."""

from itertools import chain

from proxy.forwarding.faults import Cause, Side, Stage
from tests.proxy.faults import of_client, of_proxy, of_upstream, survived
from tests.proxy.faults.row import Row

_STAGES, _SIDES, _CAUSES = tuple(Stage), tuple(Side), tuple(Cause)


def _place(row: Row) -> tuple[int, ...]:
    if not row.fault:
        return (len(_STAGES),)
    stage, side, cause = row.key
    return _STAGES.index(stage), _SIDES.index(side), _CAUSES.index(cause)


ROWS: tuple[Row, ...] = tuple(
    sorted(
        chain(of_client.rows(), of_proxy.rows(), of_upstream.rows(), survived.rows()), key=_place
    )
)

AT_THE_DOOR = "read_request/client/late"
"""What the server answers to before there is a request to forward: not in STATUS."""

ELSEWHERE = {
    "lease/client/late": "test_late_in_line.py: it needs a smaller buffer in the kernel",
}
"""Faults that no row can bring about, and the test that does."""
