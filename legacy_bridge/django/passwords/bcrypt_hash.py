"""`bcrypt_sha256$$2b$rounds$salt and checksum`, and plain `bcrypt$…`. Needs the package bcrypt."""

import hashlib
from dataclasses import dataclass

import bcrypt

from legacy_bridge.django.passwords.hasher import MalformedHashError, fields, whole
from legacy_bridge.django.secrecy import same_text

LONGEST = 72
"""Octets that bcrypt looks at."""
SALTED = 29
"""Characters of `$2b$12$` and the salt."""


@dataclass(frozen=True, slots=True)
class Bcrypt:
    """`hashed_first`: the password is first hashed with SHA-256, so that all of it counts."""

    algorithm: str
    hashed_first: bool
    rounds: int = 12

    def make(self, password: bytes) -> str:
        return self._encoded(password, bcrypt.gensalt(self.rounds))

    def matches(self, password: bytes, encoded: str) -> bool:
        return same_text(encoded, self._encoded(password, self._salted(encoded)))

    def is_outdated(self, encoded: str) -> bool:
        return self._rounds(encoded) != self.rounds

    def make_up_time(self, password: bytes, encoded: str) -> None:
        salt = self._salted(encoded)[:SALTED]
        # One round more doubles the work.
        for _ in range(2 ** max(0, self.rounds - self._rounds(encoded)) - 1):
            self._encoded(password, salt)

    def _rounds(self, encoded: str) -> int:
        _, _, rounds, _ = fields(encoded, self.algorithm, 4)
        return whole(rounds)

    def _salted(self, encoded: str) -> bytes:
        """The part that the package wrote: it reads rounds and salt from it."""
        (written,) = fields(encoded, self.algorithm, 1)
        if not written.isascii():
            raise MalformedHashError(self.algorithm)
        return written.encode("ascii")

    def _encoded(self, password: bytes, salt: bytes) -> str:
        if self.hashed_first:
            password = hashlib.sha256(password).hexdigest().encode("ascii")
        try:
            # The package used to cut long passwords off, and refuses them since 5.0.
            hashed = bcrypt.hashpw(password[:LONGEST], salt)
        except ValueError as fault:
            raise MalformedHashError(self.algorithm) from fault
        return f"{self.algorithm}${hashed.decode('ascii')}"
