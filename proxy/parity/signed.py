"""What Django's signer put together: the payload says something, time and signature do not."""

import base64
import binascii
import json
import re
import zlib

SIGNED = re.compile(
    r"(?<![\w.=+@-])(?P<payload>[\w.=+@-]*):(?:(?P<time>[0-9A-Za-z]{6}):)?(?P<signature>[\w-]{43})(?![\w-])"
)
"""`payload:time:signature` with HMAC-SHA256, as signing.dumps, cookies and mails have it."""

_PLAIN = 64 * 1024
"""Octets that a compressed payload may become; larger ones are compared as they are."""


def without_signature(found: re.Match[str]) -> str:
    """The payload readable, the rest by name."""
    time = ":{time}" if found["time"] else ""
    return f"{_readable(found['payload'])}{time}:{{signature}}"


def _readable(payload: str) -> str:
    """A payload of signing.dumps as JSON with sorted keys; any other as it is."""
    octets = _plain(payload)
    if octets is None:
        return payload
    try:
        return json.dumps(json.loads(octets), sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return payload


def _plain(payload: str) -> bytes | None:
    encoded = payload.removeprefix(".")
    try:
        octets = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        if not payload.startswith("."):
            return octets
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(octets, _PLAIN)
    except (binascii.Error, ValueError, zlib.error):
        return None
    return plain if unpacking.eof else None
