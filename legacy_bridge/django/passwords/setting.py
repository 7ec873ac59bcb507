"""PASSWORD_HASHERS of the legacy site: which algorithms it has, the preferred one first."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from legacy_bridge.django.passwords.digests import SaltedDigest, UnsaltedDigest
from legacy_bridge.django.passwords.hasher import Hasher, MissingPackageError, Verifier
from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from legacy_bridge.django.passwords.scrypt import Scrypt

MODULE = "django.contrib.auth.hashers."
DEFAULT_HASHERS = tuple(
    f"{MODULE}{name}"
    for name in (
        "PBKDF2PasswordHasher",
        "PBKDF2SHA1PasswordHasher",
        "Argon2PasswordHasher",
        "BCryptSHA256PasswordHasher",
        "ScryptPasswordHasher",
    )
)


class HasherSettingError(ValueError):
    """What is wrong with PASSWORD_HASHERS, all of it."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Defaults of Django's hashers that changed between versions."""

    iterations: int
    scrypt_parallelism: int


COSTS = {
    "4.2": Costs(600_000, 1),
    "5.0": Costs(720_000, 1),
    "5.1": Costs(870_000, 5),
    "5.2": Costs(1_000_000, 5),
    "6.0": Costs(1_200_000, 5),
}


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands for an algorithm whose package is not installed, so that the others keep working."""

    algorithm: str
    package: str

    def make(self, password: bytes) -> str:
        self._refuse()

    def matches(self, password: bytes, encoded: str) -> bool:
        self._refuse()

    def is_outdated(self, encoded: str) -> bool:
        self._refuse()

    def make_up_time(self, password: bytes, encoded: str) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise MissingPackageError(self.algorithm, self.package)


def _argon2(_costs: Costs) -> Hasher:
    try:
        from legacy_bridge.django.passwords.argon2id import Argon2
    except ModuleNotFoundError:
        return Absent("argon2", "argon2-cffi")
    return Argon2()


def _bcrypt(algorithm: str, *, hashed_first: bool) -> Hasher:
    try:
        from legacy_bridge.django.passwords.bcrypt_hash import Bcrypt
    except ModuleNotFoundError:
        return Absent(algorithm, "bcrypt")
    return Bcrypt(algorithm, hashed_first)


_HASHERS: Mapping[str, Callable[[Costs], Hasher]] = {
    "PBKDF2PasswordHasher": lambda costs: Pbkdf2("pbkdf2_sha256", "sha256", costs.iterations),
    "PBKDF2SHA1PasswordHasher": lambda costs: Pbkdf2("pbkdf2_sha1", "sha1", costs.iterations),
    "Argon2PasswordHasher": _argon2,
    "BCryptSHA256PasswordHasher": lambda _: _bcrypt("bcrypt_sha256", hashed_first=True),
    "BCryptPasswordHasher": lambda _: _bcrypt("bcrypt", hashed_first=False),
    "ScryptPasswordHasher": lambda costs: Scrypt(parallelism=costs.scrypt_parallelism),
}
_DIGESTS: Mapping[str, Verifier] = {
    "MD5PasswordHasher": SaltedDigest("md5"),
    "SHA1PasswordHasher": SaltedDigest("sha1"),
    "UnsaltedMD5PasswordHasher": UnsaltedDigest("md5"),
    "UnsaltedSHA1PasswordHasher": UnsaltedDigest("sha1"),
}


def hashers_of(
    paths: Iterable[str] = DEFAULT_HASHERS, costs: Costs = COSTS["5.2"]
) -> tuple[Hasher, list[Verifier]]:
    """The preferred algorithm, and all of them. Raises HasherSettingError."""
    names = [path.removeprefix(MODULE) for path in paths]
    faults = [f"{name} is not one of Django's" for name in names if not _known(name)]
    if not names:
        faults.append("there is none")
    elif names[0] in _DIGESTS:
        faults.append(f"{names[0]} comes first, but is too weak to make passwords with")
    if faults:
        raise HasherSettingError("PASSWORD_HASHERS: " + "; ".join(faults))
    preferred = _HASHERS[names[0]](costs)
    others = [_DIGESTS[name] if name in _DIGESTS else _HASHERS[name](costs) for name in names[1:]]
    return preferred, [preferred, *others]


def _known(name: str) -> bool:
    return name in _HASHERS or name in _DIGESTS
