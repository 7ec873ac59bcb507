"""A visitor's state without a request on a socket."""

from typing import Any

from ported_domains.shared.visit import TRUSTED_PEER_KEY, headers_of, visit_of
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.shared.visitors.state import VisitorState
from tests.ported_domains.shared.visitors.twins import HOST


def visitor(
    contracts: Contracts,
    *fields: tuple[str, str],
    path: str = "/a/",
    query: bytes = b"",
    method: str = "GET",
    trusted: bool = False,
) -> VisitorState:
    """`fields` by lower-case name; `trusted`: they come from a front server of the site."""
    given: Any = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": query,
        "client": ("192.0.2.1", 4711),
        "headers": [
            (name.encode(), value.encode("latin-1")) for name, value in (("host", HOST), *fields)
        ],
        TRUSTED_PEER_KEY: trusted,
    }
    headers = headers_of(given)
    return VisitorState(contracts, visit_of(given, headers, contracts.hosts), headers, given)
