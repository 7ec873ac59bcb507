"""`pbkdf2_sha256$iterations$salt$hash`, and the same with SHA-1."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from legacy_bridge.django.passwords.hasher import (
    SALT_LENGTH,
    MalformedHashError,
    fields,
    new_salt,
    whole,
)
from legacy_bridge.django.secrecy import octets, same_text


@dataclass(frozen=True, slots=True)
class Pbkdf2:
    """`iterations` is Django's own count: it makes anew whatever has another one."""

    algorithm: str
    digest: str
    iterations: int

    def make(self, password: bytes) -> str:
        return self._encoded(password, new_salt(), self.iterations)

    def matches(self, password: bytes, encoded: str) -> bool:
        iterations, salt = self._parameters(encoded)
        return same_text(encoded, self._encoded(password, salt, iterations))

    def is_outdated(self, encoded: str) -> bool:
        iterations, salt = self._parameters(encoded)
        return iterations != self.iterations or len(salt) < SALT_LENGTH

    def make_up_time(self, password: bytes, encoded: str) -> None:
        iterations, salt = self._parameters(encoded)
        if iterations < self.iterations:
            self._encoded(password, salt, self.iterations - iterations)

    def _parameters(self, encoded: str) -> tuple[int, str]:
        iterations, salt, _ = fields(encoded, self.algorithm, 3)
        if not salt:
            raise MalformedHashError("no salt")
        return whole(iterations), salt

    def _encoded(self, password: bytes, salt: str, iterations: int) -> str:
        try:
            hashed = hashlib.pbkdf2_hmac(self.digest, password, octets(salt), iterations)
        except OverflowError as fault:
            raise MalformedHashError("too many iterations") from fault
        return f"{self.algorithm}${iterations}${salt}${b64encode(hashed).decode('ascii')}"
