"""E-mail addresses as Django judges and compares them."""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address

LONGEST = 320
"""Characters, RFC 3696 3."""
LONGEST_IPV6 = 39

_ATOM = r"[-!#$%&'*+/=?^_`{}|~0-9A-Z]+"
# RFC 5322 3.2.4, with the control characters that are obsolete there.
_QUOTED = r'"([\001-\010\013\014\016-\037!#-\[\]-\177]|\\[\001-\011\013\014\016-\177])*"'
_USER = re.compile(rf"{_ATOM}(\.{_ATOM})*|{_QUOTED}", re.IGNORECASE)

# Letters of any script: what is above the first 160 characters of Unicode.
_LETTER = "a-z\u00a1-\uffff"
_DOMAIN = re.compile(
    rf"[{_LETTER}0-9]([{_LETTER}0-9-]{{0,61}}[{_LETTER}0-9])?"
    rf"(\.(?!-)[{_LETTER}0-9-]{{1,63}}(?<!-))*"
    rf"\.(?!-)([{_LETTER}-]{{2,63}}|xn--[a-z0-9]{{1,59}})(?<!-)",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"\[([A-F0-9:.]+)\]", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether Django's EmailValidator takes it."""
    if len(text) > LONGEST:
        return False
    user, at, domain = text.rpartition("@")
    return bool(at and _USER.fullmatch(user)) and (
        domain == "localhost" or _DOMAIN.fullmatch(domain) is not None or _is_literal(domain)
    )


def is_same_address(one: str, other: str) -> bool:
    """Ignoring case and compatible forms, by Unicode Technical Report 36, 2.11.2(B)(2).

    To a database that ignores accents or takes a dotless i for an i, more are alike: a mail about
    one account would go to the owner of another address.
    """
    return _folded(one) == _folded(other)


def _folded(address: str) -> str:
    return unicodedata.normalize("NFKC", address).casefold()


def _is_literal(domain: str) -> bool:
    found = _LITERAL.fullmatch(domain)
    if found is None:
        return False
    address: str = found[1]
    try:
        IPv4Address(address)
    except ValueError:
        return _is_ipv6(address)
    return True


def _is_ipv6(address: str) -> bool:
    if len(address) > LONGEST_IPV6:
        return False
    try:
        IPv6Address(address)
    except ValueError:
        return False
    return True
