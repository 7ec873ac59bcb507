"""What only some systems can do."""

import pytest

from proxy.supervisor.listening import SHARED_OUT

needs_linux = pytest.mark.skipif(
    not SHARED_OUT, reason="this kernel does not divide connections among sockets"
)
