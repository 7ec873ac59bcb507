"""What every contract with a secret in it needs: comparing, keyed hashing and random text."""

import hashlib
import hmac
import os

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
"""What Django draws salts and unusable passwords from."""

# 248 is the largest multiple of 62 in an octet: octets above it would favour some letters.
_FAIR = 256 - 256 % len(ALPHABET)
_LETTERS = bytes(ord(ALPHABET[octet % len(ALPHABET)]) for octet in range(256))
_UNFAIR = bytes(range(_FAIR, 256))


def random_text(length: int) -> str:
    """So many letters and digits, each with the same chance."""
    text = b""
    while len(text) < length:
        text += os.urandom(length + 16).translate(_LETTERS, _UNFAIR)
    return text[:length].decode("ascii")


def same_text(one: str, other: str) -> bool:
    """Whether both are equal, in a time that does not tell how far they agree.

    Lone surrogates are compared too, so that no input is an error.
    """
    return hmac.compare_digest(octets(one), octets(other))


def octets(text: str) -> bytes:
    """UTF-8; lone surrogates, which Django cannot encode, become what no valid text becomes."""
    return text.encode("utf-8", "surrogatepass")


def salted_hmac(salt: str, value: str, key: str | bytes) -> str:
    """The hexadecimal HMAC-SHA256 of `value` under a key made of `salt` and `key`, as Django's."""
    derived = hashlib.sha256(salt.encode() + (key if isinstance(key, bytes) else key.encode()))
    return hmac.digest(derived.digest(), octets(value), "sha256").hex()


def storable(text: str) -> bool:
    """Whether a database can hold it: PostgreSQL refuses NUL, too."""
    return "\0" not in text and encodable(text)


def encodable(text: str) -> bool:
    """Whether it is without lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
