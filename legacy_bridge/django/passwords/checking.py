"""Checks and makes passwords by the algorithms that the legacy site has."""

from collections.abc import Iterable
from typing import NamedTuple

from legacy_bridge.django.passwords.hasher import Hasher, MalformedHashError, Verifier
from legacy_bridge.django.secrecy import octets, random_text

UNUSABLE_PREFIX = "!"
UNUSABLE_LENGTH = 40


class Verdict(NamedTuple):
    """Whether the password was right, and whether it should be made anew while it is at hand."""

    correct: bool
    outdated: bool


WRONG = Verdict(correct=False, outdated=False)


def unusable() -> str:
    """What is stored for an account that no password opens."""
    return UNUSABLE_PREFIX + random_text(UNUSABLE_LENGTH)


def is_usable(encoded: str) -> bool:
    return not encoded.startswith(UNUSABLE_PREFIX)


class Passwords:
    """Slow by intent: call it off the event loop."""

    __slots__ = ("_by_algorithm", "_preferred")

    def __init__(self, preferred: Hasher, all_of_them: Iterable[Verifier]) -> None:
        self._preferred = preferred
        self._by_algorithm = {verifier.algorithm: verifier for verifier in all_of_them}

    def make(self, password: str) -> str:
        """The text to store. Raises ValueError for lone surrogates: Django could not check it."""
        return self._preferred.make(password.encode())

    def spend(self, password: str) -> None:
        """Takes as long as checking a password does: for a login that nobody has."""
        self._preferred.make(octets(password))

    def verify(self, password: str, encoded: str) -> Verdict:
        """Whatever is stored, and whether it is right or wrong, this takes about the same time.

        That holds for texts of the preferred algorithm, also outdated ones, for unusable ones and
        for nonsense. Raises MissingPackageError.
        """
        verifier = self._by_algorithm.get(algorithm_of(encoded)) if is_usable(encoded) else None
        if verifier is not None:
            try:
                return self._verdict(octets(password), encoded, verifier)
            except MalformedHashError:
                pass
        self.spend(password)
        return WRONG

    def _verdict(self, password: bytes, encoded: str, verifier: Verifier) -> Verdict:
        if verifier.algorithm != self._preferred.algorithm:
            return Verdict(verifier.matches(password, encoded), outdated=True)
        outdated = self._preferred.is_outdated(encoded)
        correct = self._preferred.matches(password, encoded)
        if outdated and not correct:
            self._preferred.make_up_time(password, encoded)
        return Verdict(correct, outdated)


def algorithm_of(encoded: str) -> str:
    """The name of the algorithm; old texts without one are told by their length."""
    length = len(encoded)
    if (length == 32 and "$" not in encoded) or (length == 37 and encoded.startswith("md5$$")):
        return "unsalted_md5"
    if length == 46 and encoded.startswith("sha1$$"):
        return "unsalted_sha1"
    return encoded.partition("$")[0]
