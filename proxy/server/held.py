"""The course of a request that waits for something before it is given its own."""

from collections.abc import Callable
from dataclasses import dataclass

from proxy.net.clock import NEVER
from proxy.server.client import Client
from proxy.server.request import Request

Again = Callable[[Client, Request], None]
"""Gives a request that waited its course."""


def set_aside(client: Client, request: Request, again: Again) -> Callable[[], None]:
    """Let a request wait. What is returned ends that, if its client is still there."""
    there = [True]
    client.course = Held(client, request, there.clear)
    client.due = NEVER

    def resume() -> None:
        if there:
            client.course = None
            again(client, request)

    return resume


@dataclass(slots=True, eq=False)
class Held:
    """Nothing of the request's body is taken. `gone` hears that its client has left."""

    client: Client
    request: Request
    gone: Callable[[], None]

    def body(self, content: bytes) -> None:
        raise AssertionError("not asked for")

    def body_ended(self) -> None:
        raise AssertionError("not asked for")

    def client_ready(self) -> None: ...

    def client_failed(self, cause: str) -> None:
        self.gone()
        self.client.forget()
