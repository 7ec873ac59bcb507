"""Whether a request that changes something was sent by a page of ours, by Django's rules.

It must bring the visitor's secret twice, once in the cookie (or session) and once in the form or a
header, and must come from a page of this site or of a trusted one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, urlsplit

from legacy_bridge.django.csrf_token import TokenFault, format_fault, is_token_of, read_secret
from legacy_bridge.django.hosts import is_same_domain

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class Refusal(Enum):
    """Why the answer is 403. Django shows its reason only with DEBUG."""

    ORIGIN_UNTRUSTED = "the Origin is not of a trusted site"
    REFERER_MISSING = "there is no Referer, over TLS"
    REFERER_MALFORMED = "the Referer is malformed"
    REFERER_INSECURE = "the Referer is a page without TLS"
    REFERER_UNTRUSTED = "the Referer is not of a trusted site"
    COOKIE_MISSING = "the visitor has no CSRF cookie"
    COOKIE_LENGTH = "the CSRF cookie has a wrong length"
    COOKIE_CHARACTERS = "the CSRF cookie has characters that it cannot have"
    BOTH_MISSING = "neither a form field nor a header has the token"
    FIELD_LENGTH = "the token in the form has a wrong length"
    FIELD_CHARACTERS = "the token in the form has characters that it cannot have"
    FIELD_WRONG = "the token in the form is not the visitor's"
    HEADER_LENGTH = "the token in the header has a wrong length"
    HEADER_CHARACTERS = "the token in the header has characters that it cannot have"
    HEADER_WRONG = "the token in the header is not the visitor's"


@dataclass(frozen=True, slots=True)
class CsrfRules:
    """The settings that decide, made ready.

    `exact` origins, (scheme, pattern) pairs `below` which all subdomains are trusted, `hosts` that
    a Referer may have. `cookie_domain` is CSRF_COOKIE_DOMAIN, or SESSION_COOKIE_DOMAIN with
    CSRF_USE_SESSIONS.
    """

    exact: frozenset[str] = frozenset()
    below: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()
    cookie_domain: str | None = None

    @classmethod
    def of(cls, trusted_origins: Iterable[str], cookie_domain: str | None = None) -> Self:
        """From CSRF_TRUSTED_ORIGINS, such as `https://*.example.com`."""
        exact, below, hosts = set[str](), list[tuple[str, str]](), list[str]()
        for origin in trusted_origins:
            parts = urlsplit(origin)
            host = parts.netloc.lstrip("*")
            hosts.append(host)
            if "*" in origin:
                below.append((parts.scheme, host))
            else:
                exact.add(origin)
        return cls(frozenset(exact), tuple(below), tuple(hosts), cookie_domain)


@dataclass(frozen=True, slots=True)
class Submission:
    """What the decision needs of a request.

    `host` is None where ALLOWED_HOSTS refuses it. `stored` is the cookie's or session's value as
    it is, `field` the token in the form, if its body could be read, `header` X-CSRFToken.
    """

    method: str
    secure: bool
    host: str | None
    port: str
    origin: str | None = None
    referer: str | None = None
    stored: str | None = None
    field: str | None = None
    header: str | None = None


def check(asked: Submission, rules: CsrfRules) -> Refusal | None:
    """None if the request may pass. Whether a route is exempt is the caller's to know."""
    if asked.method in SAFE_METHODS:
        return None
    return check_source(asked, rules) or check_token(asked)


def check_source(asked: Submission, rules: CsrfRules) -> Refusal | None:
    """Where the request comes from. Needs no body, so one can refuse before reading it."""
    if asked.origin is not None:
        return None if _is_trusted(asked.origin, asked, rules) else Refusal.ORIGIN_UNTRUSTED
    # Without TLS a Referer proves nothing, and many visitors send none.
    return _check_referer(asked, rules) if asked.secure else None


def check_secret(asked: Submission) -> Refusal | None:
    """Whether there is a secret that a token could stand for. Needs no body either."""
    secret = _secret(asked)
    return secret if isinstance(secret, Refusal) else None


def check_token(asked: Submission) -> Refusal | None:
    """Whether both texts are there and stand for the same secret."""
    secret = _secret(asked)
    if isinstance(secret, Refusal):
        return secret
    if asked.method == "POST" and asked.field:
        return _check_match(asked.field, secret, "FIELD")
    if asked.header is None:
        return Refusal.BOTH_MISSING
    return _check_match(asked.header, secret, "HEADER")


def _secret(asked: Submission) -> str | Refusal:
    secret = read_secret(asked.stored)
    if secret is None:
        return Refusal.COOKIE_MISSING
    return Refusal[f"COOKIE_{secret.name}"] if isinstance(secret, TokenFault) else secret


def _check_match(token: str, secret: str, place: str) -> Refusal | None:
    fault = format_fault(token)
    if fault is not None:
        return Refusal[f"{place}_{fault.name}"]
    return None if is_token_of(token, secret) else Refusal[f"{place}_WRONG"]


def _is_trusted(origin: str, asked: Submission, rules: CsrfRules) -> bool:
    scheme = "https" if asked.secure else "http"
    if asked.host is not None and origin == f"{scheme}://{asked.host}":
        return True
    if origin in rules.exact:
        return True
    parts = _split(origin)
    return parts is not None and any(
        parts.scheme == scheme and is_same_domain(parts.netloc, host)
        for scheme, host in rules.below
    )


def _check_referer(asked: Submission, rules: CsrfRules) -> Refusal | None:
    if asked.referer is None:
        return Refusal.REFERER_MISSING
    parts = _split(asked.referer)
    if parts is None or not parts.scheme or not parts.netloc:
        return Refusal.REFERER_MALFORMED
    if parts.scheme != "https":
        return Refusal.REFERER_INSECURE
    if any(is_same_domain(parts.netloc, host) for host in rules.hosts):
        return None
    good = _good_referer(asked, rules)
    if good is None or not is_same_domain(parts.netloc, good):
        return Refusal.REFERER_UNTRUSTED
    return None


def _good_referer(asked: Submission, rules: CsrfRules) -> str | None:
    if rules.cookie_domain is None:
        return asked.host
    usual = asked.port in ("443", "80")
    return rules.cookie_domain if usual else f"{rules.cookie_domain}:{asked.port}"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return None
