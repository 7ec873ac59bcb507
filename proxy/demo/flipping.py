"""How the walk flips a domain: it edits routing.yaml, and sees when the last worker has noticed."""

import time

import httpx

from proxy.demo.expectations import expect, owner_of
from proxy.demo.system import System

OWNERS = {"legacy": "legacy", "reads": "native", "native": "native"}
FLIP_SECONDS = 1.0
"""After saving, no worker answers as before."""
MOVE_SECONDS = 10.0
"""The same where rows change their owner: each side's changes have to be on the other one first."""
CALM_SECONDS = 0.5
"""So long nobody may have answered as before."""


def flip(
    system: System, domain: str, phase: str, page: str, *, within: float = FLIP_SECONDS
) -> float:
    """Seconds until the last answer of the old owner to `page`, of which `phase` names the new one.

    Every other domain goes back to the phase that it began with.
    """
    system.wish(**{domain: phase})
    last_old = saved = time.monotonic()
    while last_old + CALM_SECONDS > time.monotonic() or time.monotonic() < saved + FLIP_SECONDS:
        began = time.monotonic()
        # A connection of its own each time, so that every worker is asked.
        answer = httpx.get(f"{system.proxy.url}{page}", trust_env=False)
        if owner_of(answer) != OWNERS[phase]:
            last_old = began
        expect(
            last_old - saved <= within,
            f"{page} was still answered by {owner_of(answer)} after {within:.0f} s",
        )
    return last_old - saved
