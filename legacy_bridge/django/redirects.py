"""Where a visitor may be sent: never to another site because a link said so."""

import unicodedata
from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from legacy_bridge.django.hosts import is_allowed
from legacy_bridge.django.secrecy import encodable

NEXT = "next"
LONGEST_SAFE = 2048
"""Characters. Splitting longer ones costs too much (normalisation of look-alike hosts)."""
LONGEST_LOCATION = 16_384
"""Characters that a redirect may have at most."""
# RFC 3987 3.1: what may stand in a URI as it is, and `%`, which is taken as already encoded.
_URI_CHARACTERS = "/#%[]=:;$&()+,!?*@'~"
_SCHEMES = frozenset({"", "http", "https", "ftp"})


class DisallowedRedirectError(ValueError):
    """Where no redirect leads: Django answers 400."""


def is_safe(
    url: str | None, allowed_hosts: Collection[str], *, require_https: bool = False
) -> bool:
    """Django's `url_has_allowed_host_and_scheme`: a path, or http(s) on one of the hosts."""
    url = url.strip() if url else ""
    # Browsers take `\` for `/` in a path, but it may also belong to a user name: both must do.
    return bool(url) and all(
        _is_safe_as_written(spelling, allowed_hosts, require_https)
        for spelling in (url, url.replace("\\", "/"))
    )


def _is_safe_as_written(url: str, allowed_hosts: Collection[str], require_https: bool) -> bool:
    # Browsers take `///host` for `//host`; urlsplit does not.
    if url.startswith("///") or len(url) > LONGEST_SAFE:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return False
    # `http:///host` is a path to urlsplit, a host to browsers.
    if parts.scheme and not parts.netloc:
        return False
    # Browsers skip control characters in front and see what comes after them.
    if unicodedata.category(url[0])[0] == "C":
        return False
    scheme = parts.scheme or ("http" if parts.netloc else "")
    schemes = ("https",) if require_https else ("http", "https")
    return (not parts.netloc or parts.netloc in allowed_hosts) and (not scheme or scheme in schemes)


class Destinations:
    """Where allauth lets `next` lead: this host, ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS."""

    __slots__ = ("_hosts",)

    def __init__(self, allowed_hosts: Iterable[str], trusted_origins: Iterable[str] = ()) -> None:
        self._hosts = frozenset(
            {*allowed_hosts, *(urlsplit(origin).netloc for origin in trusted_origins)}
        )

    def wanted(self, host: str, *candidates: str | None) -> str | None:
        """The first `next` that is there (of the form, then of the query), if it is safe.

        `host` is the request's own, as checked. None means: to where one goes without `next`.
        """
        url = next((candidate for candidate in candidates if candidate), None)
        return url if url is not None and encodable(url) and self._lets(url, host) else None

    def _lets(self, url: str, host: str) -> bool:
        hosts = self._hosts | {host}
        try:
            asked = urlsplit(url).netloc
        except ValueError:
            return False
        # ALLOWED_HOSTS may have patterns, which only this check understands.
        if asked and is_allowed(asked, hosts):
            hosts |= {asked}
        return is_safe(url, hosts)


def login_location(path: str, login_url: str, field: str = NEXT) -> str:
    """The login page that leads back to `path` (with its query) afterwards."""
    parts = urlsplit(login_url)
    query = dict[str, list[str]]()
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    query[field] = [path]
    written = urlencode(query, doseq=True, safe="/", quote_via=quote)
    return urlunsplit(parts._replace(query=written))


def location(url: str) -> str:
    """The value of the header, in ASCII.

    `DisallowedRedirectError` where it is too long, is no URL, of another scheme, or cannot be
    encoded.
    """
    if len(url) > LONGEST_LOCATION:
        raise DisallowedRedirectError(f"a redirect to {len(url)} characters")
    try:
        scheme = urlsplit(url).scheme
        written = quote(url, safe=_URI_CHARACTERS)
    except ValueError:  # such as half an IPv6 address, or half a pair of UTF-16
        raise DisallowedRedirectError("a redirect to what is no URL") from None
    if scheme not in _SCHEMES:
        raise DisallowedRedirectError("a redirect to another scheme than http(s) and ftp")
    return written
