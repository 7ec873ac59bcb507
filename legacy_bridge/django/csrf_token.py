"""The secret behind Django's CSRF tokens, and its masked form.

A visitor has one secret, in the cookie or (CSRF_USE_SESSIONS) in the session. Forms carry it
masked, differently each time, so that compression of pages cannot reveal it.
"""

import re
from enum import Enum, auto

from legacy_bridge.django.secrecy import ALPHABET, random_text, same_text

FIELD = "csrfmiddlewaretoken"
"""Of a form."""
SESSION_KEY = "_csrftoken"
SECRET_LENGTH = 32
MASKED_LENGTH = 2 * SECRET_LENGTH

_PLACES = {letter: place for place, letter in enumerate(ALPHABET)}
_STRANGE = re.compile("[^a-zA-Z0-9]")


class TokenFault(Enum):
    """Why a text is neither a secret nor a token."""

    LENGTH = auto()
    CHARACTERS = auto()


def format_fault(token: str) -> TokenFault | None:
    if len(token) not in (SECRET_LENGTH, MASKED_LENGTH):
        return TokenFault.LENGTH
    return TokenFault.CHARACTERS if _STRANGE.search(token) else None


def read_secret(stored: str | None) -> str | TokenFault | None:
    """The secret in a cookie's or session's value; Django before 4.1 stored it masked there."""
    if stored is None:
        return None
    return format_fault(stored) or _plain(stored)


def new_secret() -> str:
    return random_text(SECRET_LENGTH)


def mask(secret: str) -> str:
    """A token of 64 letters and digits, another one each time."""
    key = random_text(SECRET_LENGTH)
    pairs = zip(secret, key, strict=True)
    return key + "".join(ALPHABET[(_PLACES[x] + _PLACES[y]) % len(ALPHABET)] for x, y in pairs)


def unmask(token: str) -> str:
    """The secret in a token of 64 letters and digits."""
    pairs = zip(token[SECRET_LENGTH:], token[:SECRET_LENGTH], strict=True)
    # A negative place counts from the end, which is the wrap-around that is wanted.
    return "".join(ALPHABET[_PLACES[x] - _PLACES[y]] for x, y in pairs)


def is_token_of(token: str, secret: str) -> bool:
    """Whether a well-formed token, masked or not, stands for the secret."""
    return same_text(_plain(token), secret)


def _plain(token: str) -> str:
    return unmask(token) if len(token) == MASKED_LENGTH else token


class CsrfState:
    """One request's secret, and whether the response must save it."""

    __slots__ = ("_secret", "to_save")

    def __init__(self, stored: str | None) -> None:
        secret = read_secret(stored)
        self.to_save: str | None = None
        """For the cookie (then with `Vary: Cookie`) or the session; None: leave that alone."""
        self._secret: str | None = None
        if isinstance(secret, TokenFault):
            self.rotate()
        else:
            self._secret = secret

    def token(self) -> str:
        """For a form. The first one of a visitor makes the secret; each renews the cookie's age."""
        if self._secret is None:
            self._secret = new_secret()
        self.to_save = self._secret
        return mask(self._secret)

    def rotate(self) -> None:
        """At login: who knew the visitor's secret before does not know it now."""
        self._secret = self.to_save = new_secret()
