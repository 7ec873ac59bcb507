import json

import pytest

from ported_domains.downloads import cycle_fetching
from ported_domains.downloads.cycle_fetching import LARGEST, CycleError, fetch
from proxy.embedded.child import free_port
from tests.ported_domains.downloads.cycle_servers import CYCLE, cycle_server

PACKED = "Content-Encoding: gzip\r\n"


async def test_what_is_published() -> None:
    async with cycle_server() as server:
        assert await fetch(server.url) == CYCLE
    head = server.asked[0].decode()
    assert head.startswith("GET /cycle.json HTTP/1.1\r\n")
    assert "accept-encoding: identity\r\n" in head.lower()


async def test_where_it_moved_to() -> None:
    async with (
        cycle_server() as there,
        cycle_server(status="302 Found", fields=f"Location: {there.url}\r\n") as here,
    ):
        assert await fetch(here.url) == CYCLE


async def test_a_circle_of_redirects_ends() -> None:
    async with cycle_server(status="302 Found", fields="Location: /again\r\n") as server:
        with pytest.raises(CycleError, match=r"^more than 3 redirects$"):
            await fetch(server.url)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"status": "503 Service Unavailable"}, "HTTPStatusError: .*503 Service Unavailable"),
        ({"body": b"not json"}, "it is not JSON: "),
        ({"body": b"\xff"}, "it is not JSON: "),
        ({"body": b"[" * 100_000}, "it is not JSON: "),
        ({"body": b'["3.14"]'}, "it is not a table of series"),
        ({"body": b'{"3.14": "bugfix"}'}, "it is not a table of series"),
        ({"body": b'{"3.14": {"status": ["bugfix"]}}'}, "it is not a table of series"),
        ({"fields": PACKED, "body": b"x"}, "it is packed, which was not asked for"),
        ({"body": b" " * LARGEST + b"{}"}, f"it is longer than {LARGEST} octets"),
    ],
)
async def test_what_is_no_release_cycle(said: dict[str, object], why: str) -> None:
    async with cycle_server(**said) as server:
        with pytest.raises(CycleError, match=f"^{why}"):
            await fetch(server.url)


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cycle_fetching, "TIMEOUT_SECONDS", 1.5)
    async with cycle_server() as server:
        server.free.clear()
        with pytest.raises(CycleError, match=r"^not there after|^ReadTimeout"):
            await fetch(server.url)
        assert len(server.asked) == 1


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(CycleError, match=r"^ConnectError: "):
        await fetch(f"http://127.0.0.1:{free_port()}/")


async def test_as_long_as_is_taken() -> None:
    body = json.dumps(CYCLE).encode()
    async with cycle_server(body=body + b" " * (LARGEST - len(body))) as server:
        assert await fetch(server.url) == CYCLE
