"""One request as a line of JSON."""

import msgspec

LONGEST = 4096
"""Octets, the line's end included: what Linux writes to a pipe in one piece, so that the lines of
several workers never run into each other."""

_CUT = {"method": 32, "path": 1024, "client": 64, "request_id": 128}
"""Characters kept of what a client may make any length; a character takes two octets at most."""


class Line(msgspec.Struct, omit_defaults=True, gc=False):
    """What is said of one request. The query is left out: it may carry a token.

    Octets of `path` from 0x80 on show as the Latin-1 characters of the same numbers.
    """

    time: str
    event: str
    method: str
    path: str
    status: int
    owner: str
    domain: str
    ms: float
    sent: int
    received: int
    client: str
    request_id: str
    upstream: str | None = None
    upstream_ms: float | None = None
    fault: str | None = None


def shortened(line: Line) -> Line:
    """The same within LONGEST; an ellipsis stands for what was cut."""
    cut = {
        name: text[:longest] + "…"
        for name, longest in _CUT.items()
        if len(text := getattr(line, name)) > longest
    }
    return msgspec.structs.replace(line, **cut)
