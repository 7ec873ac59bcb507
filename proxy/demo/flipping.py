"""How the walk flips a domain: it edits routing.yaml, and sees when the last worker has noticed."""

import time

import httpx

from proxy.demo.expectations import expect, owner_of
from proxy.demo.system import System

FLIP_SECONDS = 1.0
"""After saving, no worker answers as before."""


def flip(system: System, domain: str, phase: str, page: str) -> float:
    """Seconds until the last answer of the old owner to `page`, of which `phase` is the new owner.

    Every other domain goes back to the phase that it began with.
    """
    system.wish(**{domain: phase})
    saved = time.monotonic()
    last_old = saved
    while time.monotonic() - saved < FLIP_SECONDS * 1.5:
        began = time.monotonic()
        # A connection of its own each time, so that every worker is asked.
        if owner_of(httpx.get(f"{system.proxy.url}{page}", trust_env=False)) != phase:
            last_old = began
    expect(
        last_old - saved <= FLIP_SECONDS, f"the old owner still answered {last_old - saved} s on"
    )
    return last_old - saved
