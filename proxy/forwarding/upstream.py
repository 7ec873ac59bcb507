"""Where a legacy site answers."""

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Upstream:
    """One origin. `authority` is what its Host field would be; `tls` is None for plain HTTP."""

    host: str
    port: int
    authority: bytes
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        """An end without a close alert may be an attacker's. Some builds of Python 3.11 let OpenSSL
        take it for an orderly one unless told otherwise."""
        if self.tls is not None:
            self.tls.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)

    @classmethod
    def from_url(cls, url: str) -> "Upstream":
        """`http://host[:port]` or `https://…`. Raises `ValueError` that says what is wrong."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise ValueError(f"{url}: the scheme must be http or https")
        if not parts.hostname or not parts.netloc.isascii():
            raise ValueError(f"{url}: there is no host name in ASCII")
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"{url}: paths are forwarded as they are, so the URL must have none")
        if parts.username is not None:
            raise ValueError("the URL must not carry a user name or password")
        try:
            port = parts.port or _PORTS[parts.scheme]
        except ValueError:
            raise ValueError(f"{url}: the port is not a number up to 65535") from None
        return cls(
            host=parts.hostname,
            port=port,
            authority=parts.netloc.encode("ascii"),
            tls=ssl.create_default_context() if parts.scheme == "https" else None,
        )
