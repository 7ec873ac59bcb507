"""`scrypt$work factor$salt$block size$parallelism$hash`."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass

from legacy_bridge.django.passwords.hasher import MalformedHashError, fields, new_salt, whole
from legacy_bridge.django.secrecy import octets, same_text

LENGTH = 64
"""Octets of the hash."""


@dataclass(frozen=True, slots=True)
class Scrypt:
    work_factor: int = 2**14
    block_size: int = 8
    parallelism: int = 5

    @property
    def algorithm(self) -> str:
        return "scrypt"

    def make(self, password: bytes) -> str:
        return _encoded(password, new_salt(), *self._cost)

    def matches(self, password: bytes, encoded: str) -> bool:
        salt, *cost = _parameters(encoded)
        return same_text(encoded, _encoded(password, salt, *cost))

    def is_outdated(self, encoded: str) -> bool:
        """Django looks at the cost only, not at the salt."""
        _, *cost = _parameters(encoded)
        return tuple(cost) != self._cost

    def make_up_time(self, password: bytes, encoded: str) -> None:
        """Nothing: how time depends on the three is not known well enough, for Django neither."""

    @property
    def _cost(self) -> tuple[int, int, int]:
        return self.work_factor, self.block_size, self.parallelism


def _parameters(encoded: str) -> tuple[str, int, int, int]:
    work_factor, salt, block_size, parallelism, _ = fields(encoded, "scrypt", 5)
    if not salt:
        raise MalformedHashError("no salt")
    return salt, whole(work_factor), whole(block_size), whole(parallelism)


def _encoded(
    password: bytes, salt: str, work_factor: int, block_size: int, parallelism: int
) -> str:
    try:
        hashed = hashlib.scrypt(
            password,
            salt=octets(salt),
            n=work_factor,
            r=block_size,
            p=parallelism,
            dklen=LENGTH,
        )
    except (ValueError, OverflowError) as fault:
        raise MalformedHashError("parameters that scrypt refuses") from fault
    text = b64encode(hashed).decode("ascii")
    return f"scrypt${work_factor}${salt}${block_size}${parallelism}${text}"
