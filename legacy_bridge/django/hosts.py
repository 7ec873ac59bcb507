"""Which host a request asked for, and whether it came over TLS, as Django behind a proxy sees it.

Headers are a mapping from lower-case names to values.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

_HOST = re.compile(r"([a-z0-9.-]+|\[[a-f0-9]*:[a-f0-9.:]+\])(?::([0-9]+))?")
_OF_DEBUG = (".localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class HostRules:
    """Django's settings of these names; `secure_header` is SECURE_PROXY_SSL_HEADER."""

    allowed_hosts: tuple[str, ...] = ()
    use_forwarded_host: bool = False
    use_forwarded_port: bool = False
    secure_header: tuple[str, str] | None = None

    @classmethod
    def of(
        cls,
        allowed_hosts: Iterable[str],
        *,
        use_forwarded_host: bool = False,
        use_forwarded_port: bool = False,
        secure_proxy_ssl_header: tuple[str, str] | None = None,
        debug: bool = False,
    ) -> Self:
        """From what settings.py says; the header is named there as `HTTP_X_FORWARDED_PROTO`."""
        hosts = tuple(allowed_hosts)
        header = None
        if secure_proxy_ssl_header is not None:
            name, value = secure_proxy_ssl_header
            header = name.removeprefix("HTTP_").replace("_", "-").lower(), value
        return cls(
            _OF_DEBUG if debug and not hosts else hosts,
            use_forwarded_host,
            use_forwarded_port,
            header,
        )


@dataclass(frozen=True, slots=True)
class Server:
    """Where the request came in: our own name, port and whether TLS ended here."""

    name: str
    port: int
    secure: bool


def is_secure(rules: HostRules, headers: Mapping[str, str], server: Server) -> bool:
    """Whether the visitor's own connection is. The header, if there, has the only say."""
    if rules.secure_header is not None:
        name, secure = rules.secure_header
        value = headers.get(name)
        if value is not None:
            return value.partition(",")[0].strip() == secure
    return server.secure


def port_of(rules: HostRules, headers: Mapping[str, str], server: Server) -> str:
    if rules.use_forwarded_port:
        return headers.get("x-forwarded-port", str(server.port))
    return str(server.port)


def host_of(rules: HostRules, headers: Mapping[str, str], server: Server) -> str | None:
    """The host as asked for, with its port if it has one; None if Django would refuse it."""
    host = _asked(rules, headers, server)
    domain, _ = split_host(host)
    return host if domain and is_allowed(domain, rules.allowed_hosts) else None


def _asked(rules: HostRules, headers: Mapping[str, str], server: Server) -> str:
    if rules.use_forwarded_host and "x-forwarded-host" in headers:
        return headers["x-forwarded-host"]
    if "host" in headers:
        return headers["host"]
    port = port_of(rules, headers, server)
    usual = "443" if is_secure(rules, headers, server) else "80"
    return server.name if port == usual else f"{server.name}:{port}"


def split_host(host: str) -> tuple[str, str]:
    """Lower-case domain without a last dot, and port; two empty texts if it is no host."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return "", ""
    domain, port = found.groups(default="")
    return domain.removesuffix("."), port


def is_allowed(domain: str, patterns: Iterable[str]) -> bool:
    """Patterns as in ALLOWED_HOSTS: `*`, `.example.com` with all below it, or the very domain."""
    return any(pattern == "*" or is_same_domain(domain, pattern) for pattern in patterns)


def is_same_domain(host: str, pattern: str) -> bool:
    """Only the pattern's case is ignored, as in Django."""
    pattern = pattern.lower()
    if pattern.startswith("."):
        return host.endswith(pattern) or host == pattern[1:]
    return bool(pattern) and host == pattern
