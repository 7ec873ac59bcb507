"""The main job, walked through once against the running system; every step asserts what it saw."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import psutil  # type: ignore[import-untyped]
from websockets.exceptions import WebSocketException

from proxy.demo import accounts, admin, bridge, ownership, stories, streams
from proxy.demo.expectations import NotSeenError
from proxy.demo.parts import CommandFailed
from proxy.demo.system import System

STEPS: tuple[tuple[str, Callable[[System, httpx.Client], str]], ...] = (
    ("A legacy page through the proxy", ownership.legacy_page),
    ("Django admin: log in", admin.log_in),
    ("Django admin: edit a release", admin.edit),
    ("The bridge: the edit is on the native side", bridge.followed),
    ("Django admin: upload a file", admin.upload),
    ("300 MB up", streams.large_upload),
    ("Server-sent events", streams.live_events),
    ("WebSocket echo", streams.websocket_echo),
    ("The bridge: every row on both sides", bridge.compared),
    ("Flip reading to the native side", ownership.flip_to_native),
    ("Same JSON from both sides", ownership.same_json),
    ("Flip back", ownership.flip_back),
    ("A broken routing.yaml", ownership.broken_routing),
    ("The legacy site stopped", ownership.legacy_stopped),
    ("The legacy site back", ownership.legacy_back),
    ("A form: flipped to native, rows and all", stories.flip_to_native),
    ("A form: submitted natively", stories.submit),
    ("A form: published in Django's admin", stories.publish),
    ("A form: flipped back", stories.flip_back),
    ("Django admin: log out", admin.log_out),
    ("Rules beside Django's URLs", accounts.rules_checked),
    ("One login: begun at Django's", accounts.log_in),
    ("One login: users flipped to native", accounts.flip_to_native),
    ("One login: an address added natively", accounts.add_address),
    ("One login: a password changed natively", accounts.change_password),
    ("One login: ended natively", accounts.log_out),
    ("One login: users flipped back", accounts.flip_back),
    ("The bridge: still every row on both sides", bridge.compared),
)
MISSED = (
    *(NotSeenError, CommandFailed, LookupError, ValueError, OSError),
    *(httpx.HTTPError, WebSocketException, psutil.Error),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One step: what was seen (or what was wrong), in how many seconds."""

    step: str
    held: bool
    what: str
    seconds: float


def walk(system: System) -> Iterator[Seen]:
    """Take the steps in order; a step that fails does not keep the next ones from trying."""
    with system.visitor() as visitor:
        for name, step in STEPS:
            started = time.monotonic()
            try:
                held, what = True, step(system, visitor)
            except MISSED as error:
                held, what = False, f"{type(error).__name__}: {error}"
            yield Seen(name, held, what, round(time.monotonic() - started, 2))
