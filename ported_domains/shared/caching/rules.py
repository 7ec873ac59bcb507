"""Which requests are answered alike for everybody, and which of the answers may be kept.

Pure. That a handler makes its answer of nothing but host, path, query and rows is for its route to
declare (`kept=True`); these rules look for what would belie that.
"""

from collections.abc import Collection, Mapping
from http import HTTPStatus

from ported_domains.shared.caching.kept import Headers

METHODS = frozenset({"GET", "HEAD"})
STATUSES = frozenset(
    {HTTPStatus.OK, HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.NOT_FOUND}
)
VARIES = frozenset({"cookie"})
"""What an answer may vary on: whoever has a cookie that counts is not answered from the cache."""
_FOR_ONE = frozenset({"private", "no-store", "no-cache"})


def asks_for_what_all_get(
    method: str, headers: Mapping[str, str], cookies: Collection[str], own: Collection[str]
) -> bool:
    """Whether this request may be answered with what was made for another one, and its answer be
    given to others. `headers` by lower-case name; `cookies` are the names of those that came, `own`
    of those by which a visitor is known or told something."""
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return (
        method in METHODS
        and not has_body
        and "authorization" not in headers
        and not any(name in cookies for name in own)
    )


def may_be_kept(status: int, headers: Headers) -> bool:
    """Whether the answer says nothing against it. `headers` are those of the handler."""
    return status in STATUSES and all(_allows(name.lower(), value) for name, value in headers)


def _allows(name: bytes, value: bytes) -> bool:
    match name:
        case b"set-cookie":
            return False
        case b"cache-control":
            return _FOR_ONE.isdisjoint(part.partition("=")[0] for part in _parts(value))
        case b"vary":
            return VARIES.issuperset(_parts(value))
    return True


def _parts(value: bytes) -> list[str]:
    return [part.strip().lower() for part in value.decode("latin-1").split(",") if part.strip()]
