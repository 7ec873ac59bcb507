"""`argon2$argon2id$v=19$m=…,t=…,p=…$salt$hash`: what argon2-cffi writes, after Django's name.

Needs the package argon2-cffi.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, replace

from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.exceptions import VerificationError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret

from legacy_bridge.django.passwords.hasher import SALT_LENGTH, MalformedHashError, new_salt

NAME = "argon2"
HASH_LENGTH = 32
"""Octets of the hash: argon2-cffi's default, which Django takes."""


@dataclass(frozen=True, slots=True)
class Argon2:
    """Costs: passes, KiB of memory, lanes."""

    time: int = 2
    memory: int = 102_400
    parallelism: int = 8

    @property
    def algorithm(self) -> str:
        return NAME

    def make(self, password: bytes) -> str:
        encoded = hash_secret(
            password,
            new_salt().encode("ascii"),
            time_cost=self.time,
            memory_cost=self.memory,
            parallelism=self.parallelism,
            hash_len=HASH_LENGTH,
            type=Type.ID,
        )
        return NAME + encoded.decode("ascii")

    def matches(self, password: bytes, encoded: str) -> bool:
        """Any variety and cost that the text itself names."""
        text = _theirs(encoded)
        _parameters(text)
        try:
            return PasswordHasher().verify(text, password)
        except VerificationError:
            return False

    def is_outdated(self, encoded: str) -> bool:
        text = _theirs(encoded)
        found = _parameters(text)
        # The length of the salt is judged by itself, below.
        return replace(self._wanted, salt_len=found.salt_len) != found or _salt_is_short(text)

    def make_up_time(self, password: bytes, encoded: str) -> None:
        """Nothing: how time depends on the three is not known well enough, for Django neither."""

    @property
    def _wanted(self) -> Parameters:
        return Parameters(
            type=Type.ID,
            version=ARGON2_VERSION,
            salt_len=SALT_LENGTH,
            hash_len=HASH_LENGTH,
            time_cost=self.time,
            memory_cost=self.memory,
            parallelism=self.parallelism,
        )


def _theirs(encoded: str) -> str:
    name, _, rest = encoded.partition("$")
    if name != NAME or not rest.isascii():
        raise MalformedHashError(NAME)
    return "$" + rest


def _parameters(text: str) -> Parameters:
    try:
        return extract_parameters(text)
    except ValueError as fault:
        raise MalformedHashError(NAME) from fault


def _salt_is_short(text: str) -> bool:
    *_, salt, _ = text.split("$")
    try:
        return len(b64decode(salt + "=" * (-len(salt) % 4))) < SALT_LENGTH
    except Base64Error as fault:
        raise MalformedHashError(NAME) from fault
