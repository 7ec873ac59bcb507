"""An operator's pass: with it, and only with it, a side may be chosen outside development."""

from time import time

import pytest

from proxy.edge import EdgeConfig
from proxy.forcing import SECONDS, pass_line
from tests.proxy.door import door


@pytest.mark.parametrize(
    ("key", "age", "owner"),
    [
        (b"key", 0, b"native"),
        (b"key", SECONDS - 60, b"native"),
        (b"key", SECONDS + 1, b"legacy"),
        (b"another", 0, b"legacy"),
    ],
)
async def test_an_operator_may_force_a_side(key: bytes, age: float, owner: bytes) -> None:
    line = pass_line(key, time() - age, secure=False)
    cookie = line.replace(b"Set-Cookie:", b"Cookie:").partition(b";")[0]
    async with door("legacy", EdgeConfig(key=b"key")) as edge:
        answer = await edge.ask(b"/downloads/", b"Strangler-Force: native", cookie)
        assert answer.values(b"strangler-owner") == [owner]


@pytest.mark.parametrize(
    "value", [b"", b"1", b"9999999999.", b"9" * 5000, b"9999999999.00", b"\xb2.a"]
)
async def test_what_is_no_pass_forces_nothing(value: bytes) -> None:
    async with door("legacy", EdgeConfig(key=b"key")) as edge:
        cookie = b"Cookie: strangler_operator=" + value
        answer = await edge.ask(b"/downloads/", b"Strangler-Force: native", cookie)
        assert answer.values(b"strangler-owner") == [b"legacy"]


async def test_without_a_key_there_is_no_pass() -> None:
    cookie = (
        pass_line(b"", time(), secure=False).replace(b"Set-Cookie:", b"Cookie:").partition(b";")[0]
    )
    async with door("legacy") as edge:
        answer = await edge.ask(b"/downloads/", b"Strangler-Force: native", cookie)
        assert answer.values(b"strangler-owner") == [b"legacy"]
