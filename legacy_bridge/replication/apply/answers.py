"""Whether a server has done what was sent to it in pipeline mode."""

from legacy_bridge.replication.connections import Connection
from legacy_bridge.replication.stream_access import wait_for_socket


class Answer:
    """To everything that was sent before on `connection`, which nobody uses meanwhile."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked = False

    def has_come(self, seconds: float = 0) -> bool:
        """Whether it has, or does within `seconds`. A connection that is lost has answered, too."""
        if not self._asked:
            self._ask()
        return wait_for_socket(self._connection, seconds)

    def _ask(self) -> None:
        """Send all there is to the last octet: psycopg leaves the end of it for later. A server
        that works in order says nothing before it is asked to."""
        pgconn = self._connection.pgconn
        pgconn.send_flush_request()
        while pgconn.flush():
            wait_for_socket(self._connection, 1.0, write=True)
        self._asked = True
