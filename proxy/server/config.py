"""How patient the server is with clients, and how many it takes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerConfig:
    """Seconds, and numbers for one worker.

    `head_timeout`: from the first octet of a head to its last. `client_timeout`: between pieces of
    a body, and until the client takes a piece of its answer. `keepalive`: how long a connection may
    lie idle between two requests. `linger`: how long a client may still send after its last answer,
    so that a reset does not eat that answer (RFC 9112 §9.6).
    """

    head_timeout: float = 10.0
    client_timeout: float = 60.0
    keepalive: float = 75.0
    linger: float = 5.0
    max_connections: int = 8192
