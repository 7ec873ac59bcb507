"""What one algorithm does, and what all of them share."""

from typing import Protocol

from legacy_bridge.django.secrecy import random_text

SALT_LENGTH = 22
"""Letters and digits that hold the 128 bits which Django asks of a salt; fewer is outdated."""


class MalformedHashError(ValueError):
    """A stored text that names an algorithm but is not of its form. It matches no password."""


class MissingPackageError(RuntimeError):
    """An algorithm is asked for whose package is not installed."""

    def __init__(self, algorithm: str, package: str) -> None:
        super().__init__(f"passwords of the form {algorithm} need the package {package}")


class Verifier(Protocol):
    """Tells whether a password is the one of a stored text."""

    @property
    def algorithm(self) -> str:
        """The name before the first `$`."""

    def matches(self, password: bytes, encoded: str) -> bool:
        """In constant time. Raises MalformedHashError."""


class Hasher(Verifier, Protocol):
    """May be the preferred algorithm: it also makes, and tells its own outdated texts."""

    def make(self, password: bytes) -> str:
        """The text to store, with a new salt."""

    def is_outdated(self, encoded: str) -> bool:
        """Whether Django would make it anew at the next login. Raises MalformedHashError."""

    def make_up_time(self, password: bytes, encoded: str) -> None:
        """Works as long as checking `encoded` fell short of the present parameters."""


def new_salt() -> str:
    return random_text(SALT_LENGTH)


def fields(encoded: str, algorithm: str, number: int) -> list[str]:
    """What follows the algorithm's name, in so many fields. Raises MalformedHashError."""
    name, *found = encoded.split("$", number)
    if name != algorithm or len(found) != number:
        raise MalformedHashError(algorithm)
    return found


def whole(text: str) -> int:
    """A positive number. Raises MalformedHashError."""
    try:
        number = int(text)
    except ValueError as fault:
        raise MalformedHashError("not a number") from fault
    if number <= 0:
        raise MalformedHashError("not a positive number")
    return number
