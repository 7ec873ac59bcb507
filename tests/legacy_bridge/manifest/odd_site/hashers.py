"""Django's hasher, but cheaper."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Cheap(PBKDF2PasswordHasher):  # type: ignore[misc]  # Django is not typed
    algorithm = "cheap"
    iterations = 7
