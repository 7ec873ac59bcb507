"""Signatures of texts that visitors bring back, such as the values of our cookies.

One key signs all of them, so that each is signed with its purpose: none passes for another.
"""

import hmac
from base64 import urlsafe_b64encode


def signing_key(secret: str) -> bytes:
    """A key for nothing but this, from a secret that serves for more."""
    return hmac.digest(secret.encode(), b"strangler causality token", "sha256")


def signature(key: bytes, purpose: str, said: str) -> str:
    """128 bits in 22 characters that are fit for a cookie."""
    digest = hmac.digest(key, f"{purpose} {said}".encode(), "sha256")[:16]
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
