"""What old Django versions stored: MD5 and SHA-1, salted or not. Only verified, never made."""

import hashlib
from dataclasses import dataclass

from legacy_bridge.django.passwords.hasher import MalformedHashError, fields
from legacy_bridge.django.secrecy import octets, same_text


@dataclass(frozen=True, slots=True)
class SaltedDigest:
    """`md5$salt$hex` or `sha1$salt$hex`."""

    algorithm: str

    def matches(self, password: bytes, encoded: str) -> bool:
        salt, stored = fields(encoded, self.algorithm, 2)
        if not salt:
            raise MalformedHashError("no salt")
        return same_text(stored, _hex(self.algorithm, octets(salt) + password))


@dataclass(frozen=True, slots=True)
class UnsaltedDigest:
    """32 digits of MD5, perhaps after `md5$$`; or 40 of SHA-1 after `sha1$$`."""

    digest: str

    @property
    def algorithm(self) -> str:
        return f"unsalted_{self.digest}"

    def matches(self, password: bytes, encoded: str) -> bool:
        stored = encoded.removeprefix(f"{self.digest}$$")
        return same_text(stored, _hex(self.digest, password))


def _hex(digest: str, content: bytes) -> str:
    return hashlib.new(digest, content, usedforsecurity=False).hexdigest()
