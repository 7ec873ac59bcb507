"""Header fields: which pass, which end here, which need thought. Pure, and looked up per name."""

import re
from enum import IntEnum, auto
from functools import lru_cache

PSEUDONYM = b"strangler"
"""Our name in Via (RFC 9110 §7.6.3)."""

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
"""Fields for one connection only (RFC 9110 §7.6.1)."""


class Kind(IntEnum):
    """What to do with a request field of a certain name. Of int, whose hash costs nothing."""

    PASS = auto()
    DROP = auto()
    INVALID = auto()
    HOST = auto()
    CONNECTION = auto()
    CONTENT_LENGTH = auto()
    TRANSFER_ENCODING = auto()
    EXPECT = auto()
    MAX_FORWARDS = auto()
    COOKIE = auto()
    VIA = auto()
    FORWARDED = auto()
    FORWARDED_FOR = auto()
    FORWARDED_PROTO = auto()
    FORWARDED_HOST = auto()
    ORIGIN = auto()  # what else only our own front servers may say of where a request came from
    WEBSOCKET = auto()


_KINDS = {
    b"host": Kind.HOST,
    b"connection": Kind.CONNECTION,
    b"content-length": Kind.CONTENT_LENGTH,
    b"transfer-encoding": Kind.TRANSFER_ENCODING,
    b"expect": Kind.EXPECT,
    b"max-forwards": Kind.MAX_FORWARDS,
    b"cookie": Kind.COOKIE,
    b"via": Kind.VIA,
    b"forwarded": Kind.FORWARDED,
    b"x-forwarded-for": Kind.FORWARDED_FOR,
    b"x-forwarded-proto": Kind.FORWARDED_PROTO,
    b"x-forwarded-host": Kind.FORWARDED_HOST,
    b"x-real-ip": Kind.ORIGIN,
    b"x-request-id": Kind.DROP,  # the context's goes in its place
    b"proxy": Kind.DROP,  # CGI would make it HTTP_PROXY
}


@lru_cache(maxsize=4096)
def kind_of(name: bytes) -> Kind:
    """The kind of a request field. Cached: a site sees few names, millions of times."""
    lower = name.lower()
    if kind := _KINDS.get(lower):
        return kind
    if not TOKEN.fullmatch(name):
        return Kind.INVALID
    if lower in HOP_BY_HOP or lower.startswith(b"strangler-"):
        return Kind.DROP
    if b"_" in lower:  # WSGI turns X_Forwarded_For and X-Forwarded-For into the same key
        return Kind.DROP
    if lower.startswith(b"x-forwarded-"):
        return Kind.ORIGIN
    return Kind.WEBSOCKET if lower.startswith(b"sec-websocket-") else Kind.PASS


@lru_cache(maxsize=1024)
def named_by_connection(value: bytes) -> frozenset[bytes]:
    """The fields, in lower case, that a Connection value says are for this connection only."""
    options = frozenset(option.strip().lower() for option in value.split(b","))
    return options - HOP_BY_HOP - {b"", b"close"}


def says_close(value: bytes) -> bool:
    return any(option.strip().lower() == b"close" for option in value.split(b","))
