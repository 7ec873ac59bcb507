"""What the supervisor's tests need of the machine."""

import socket
import sys

import pytest

from proxy.supervisor.listening import SHARED_OUT, turn_newcomers_away

needs_linux = pytest.mark.skipif(
    not SHARED_OUT, reason="this kernel does not divide connections among sockets"
)


def _may_filter() -> bool:
    """Newer kernels want CAP_NET_ADMIN for a filter on a TCP socket."""
    with socket.socket() as one:
        try:
            turn_newcomers_away([one])
        except OSError:
            return False
    return sys.platform == "linux"


needs_filter = pytest.mark.skipif(
    not _may_filter(), reason="this user may not attach a filter to a TCP socket (CAP_NET_ADMIN)"
)
