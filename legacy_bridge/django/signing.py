"""Signed texts, as `django.core.signing` of Django 4.2 and later writes and reads them.

    text ":" signature                     Signer
    text ":" base62 seconds ":" signature  TimestampSigner
    ["."] base64url of JSON …              sign_object; the dot says that the JSON was deflated

Keys and salts are given, never taken from a global. Django 4.0 dropped the reading of signatures
made with SHA-1 before 3.1; only who asks for `algorithm="sha1"` gets them, there and here.
"""

import base64
import hashlib
import hmac
import json
import re
import time
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from legacy_bridge.django import base62

Key = str | bytes
MaxAge = float | timedelta | None
"""Seconds, or no limit."""

DUMPS_SALT = "django.core.signing"
COOKIE_SIGNER_SALT = "django.core.signing.get_cookie_signer"

_UNSAFE_SEPARATOR = re.compile(r"^[A-z0-9-_=]*$")


class BadSignatureError(Exception):
    """The text was not signed with one of the keys and this salt, or cannot be read."""


class SignatureExpiredError(BadSignatureError):
    """Signed with our key, but longer ago than asked for."""


class Signer:
    """Signs with `key`; reads what was signed with it or one of `fallback_keys`."""

    __slots__ = ("_algorithm", "_derived", "_separator")

    default_salt = "django.core.signing.Signer"

    def __init__(
        self,
        key: Key,
        *,
        fallback_keys: Sequence[Key] = (),
        salt: str = "",
        sep: str = ":",
        algorithm: str = "sha256",
    ) -> None:
        if _UNSAFE_SEPARATOR.match(sep):
            raise ValueError(f"{sep!r} cannot separate: empty, or only of A-z0-9-_=")
        if not key:
            raise ValueError("an empty key signs nothing")
        space = f"{salt or self.default_salt}signer".encode()
        self._separator = sep
        self._algorithm = algorithm
        self._derived = [
            hashlib.new(algorithm, space + _octets(each)).digest() for each in (key, *fallback_keys)
        ]

    def signature(self, value: str) -> str:
        """What `sign` appends; `UnicodeEncodeError` if the text has lone surrogates."""
        return self._signature(self._derived[0], value.encode()).decode()

    def sign(self, value: str) -> str:
        return f"{value}{self._separator}{self.signature(value)}"

    def unsign(self, signed: str) -> str:
        """The text without its signature; `BadSignatureError` otherwise."""
        value, separator, signature = signed.rpartition(self._separator)
        if not separator:
            raise BadSignatureError("not signed")
        try:
            octets, given = value.encode(), signature.encode()
        except UnicodeEncodeError:  # nobody signs lone surrogates
            raise BadSignatureError("the signature does not match") from None
        for key in self._derived:
            if hmac.compare_digest(given, self._signature(key, octets)):
                return value
        raise BadSignatureError("the signature does not match")

    def sign_bytes(self, data: bytes, *, compress: bool = False) -> str:
        """Octets as a signed text that is safe in URLs; deflated only where that is shorter."""
        if compress and len(deflated := zlib.compress(data)) < len(data) - 1:
            return self.sign("." + _base64(deflated).decode())
        return self.sign(_base64(data).decode())

    def unsign_bytes(self, signed: str) -> bytes:
        return _opened(self.unsign(signed))

    def sign_object(self, value: Any, *, compress: bool = False) -> str:
        """The same of JSON; `TypeError` where the value is none."""
        return self.sign_bytes(_json(value), compress=compress)

    def unsign_object(self, signed: str) -> Any:
        return _from_json(self.unsign_bytes(signed))

    def _signature(self, key: bytes, value: bytes) -> bytes:
        return _base64(hmac.digest(key, value, self._algorithm))


class TimestampSigner(Signer):
    """The same with the time of signing in it, so that a reader may ask for a greatest age."""

    __slots__ = ()

    default_salt = "django.core.signing.TimestampSigner"

    def sign(self, value: str) -> str:
        return super().sign(f"{value}{self._separator}{base62.written(int(time.time()))}")

    def unsign(self, signed: str, max_age: MaxAge = None) -> str:
        """The text; `SignatureExpiredError` if signed more than `max_age` ago."""
        value, separator, digits = super().unsign(signed).rpartition(self._separator)
        if not separator:
            raise BadSignatureError("signed without a time")
        try:
            signed_at = base62.read(digits)
        except ValueError:
            raise BadSignatureError("signed with a time that is no number") from None
        if max_age is not None:
            seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
            if time.time() - signed_at > seconds:
                raise SignatureExpiredError(f"signed more than {seconds} seconds ago")
        return value

    def unsign_bytes(self, signed: str, max_age: MaxAge = None) -> bytes:
        return _opened(self.unsign(signed, max_age))

    def unsign_object(self, signed: str, max_age: MaxAge = None) -> Any:
        return _from_json(self.unsign_bytes(signed, max_age))


def dumps(value: Any, key: Key, *, salt: str = DUMPS_SALT, compress: bool = False) -> str:
    """`django.core.signing.dumps`: JSON, signed with the time."""
    return TimestampSigner(key, salt=salt).sign_object(value, compress=compress)


def loads(
    signed: str,
    key: Key,
    *,
    salt: str = DUMPS_SALT,
    max_age: MaxAge = None,
    fallback_keys: Sequence[Key] = (),
) -> Any:
    """`django.core.signing.loads`; `BadSignatureError` for all that cannot be read."""
    signer = TimestampSigner(key, salt=salt, fallback_keys=fallback_keys)
    return signer.unsign_object(signed, max_age)


def cookie_signer(
    key: Key, *, fallback_keys: Sequence[Key] = (), salt: str = COOKIE_SIGNER_SALT
) -> TimestampSigner:
    """`get_cookie_signer`: what Django's own signed cookies and messages are signed with."""
    prefix = b"django.http.cookies"
    fallbacks = [prefix + _octets(each) for each in fallback_keys]
    return TimestampSigner(prefix + _octets(key), fallback_keys=fallbacks, salt=salt)


def _octets(text: Key) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _opened(text: str) -> bytes:
    deflated = text.startswith(".")
    octets = text[deflated:].encode()
    try:
        data = base64.urlsafe_b64decode(octets + b"=" * (-len(octets) % 4))
        # The signature came first: whoever holds no key cannot send a bomb.
        return zlib.decompress(data) if deflated else data
    except (ValueError, zlib.error):
        raise BadSignatureError("signed, but not by sign_object") from None


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("latin-1")


def _from_json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("latin-1"))
    except (ValueError, RecursionError):
        raise BadSignatureError("signed, but no JSON") from None
