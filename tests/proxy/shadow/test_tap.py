"""Which requests are held against the native side: not those that it is never asked."""

import asyncio
from types import SimpleNamespace
from typing import Any

from proxy.cli.parity.asking import Placed, Scope
from proxy.cli.parity.questions import Ask
from proxy.ownership.phases import Phase
from proxy.shadow.tap import Tap
from tests.proxy.routing.test_legacy_pages import table

WATCHED = {b"/shop/": True, b"/nobody/": True, b"/jobs/": False, b"/jobs/pinned/": False}


class _Forwarder:
    def __init__(self) -> None:
        self.watched = False

    def forward(self, client: Any, request: Any, fallback: Any = None, watcher: Any = None) -> None:
        self.watched = watcher is not None


async def test_what_the_legacy_site_alone_has_is_not_compared() -> None:
    forwarder, channel = _Forwarder(), SimpleNamespace(credit=1, take=lambda: 1)
    loop, ours = asyncio.get_running_loop(), table("shadow")
    tap = Tap(channel, forwarder, loop, lambda *_: None)  # type: ignore[arg-type]
    tap.samples = {"pages": 100}
    plan = SimpleNamespace(length=0, websocket=False)
    seen = {}
    for path in WATCHED:
        request: Any = SimpleNamespace(phase=Phase.SHADOW, method=b"GET", plan=plan)
        tap.forward(SimpleNamespace(), request, ours.match("GET", path))  # type: ignore[arg-type]
        seen[path] = forwarder.watched
    assert seen == WATCHED


def test_nor_is_it_asked_about() -> None:
    scope = Scope(table(), frozenset({"pages"}))
    assert scope.place(Ask("GET", "/jobs/")) == "the legacy site alone has a page there"
    assert isinstance(scope.place(Ask("GET", "/nobody/")), Placed)
