"""A password that costs little: for tests in which many people sign in."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickPasswordHasher(PBKDF2PasswordHasher):
    iterations = 20_000
