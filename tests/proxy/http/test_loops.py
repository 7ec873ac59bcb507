"""A proxy whose upstream is itself: a request goes round once and ends."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from tests.proxy.http.ends import PATIENCE, Client
from tests.proxy.http.harness import STRANGER, TRUSTED, Harness, chunked, request
from tests.proxy.http.messages import Answer

pytestmark = pytest.mark.musts

WORKERS = 2
"""The loop need not come back to the process that it left."""


class Loop:
    """Trusts itself, so that it believes what the first round says of the visitor."""

    def __init__(self, folder: Path, port: int) -> None:
        (folder / "routing.yaml").write_text("version: 1\n")
        self._port = port
        settings = {
            "STRANGLER_LEGACY_URL": f"http://127.0.0.1:{port}",
            "STRANGLER_TRUSTED_PROXIES": "127.0.0.0/8",
        }
        self._proxy = RunningProxy(settings, folder, port=port, workers=WORKERS)
        self.close = self._proxy.close

    async def ask(self, said: bytes, method: str = "GET") -> Answer:
        with closing(socket.create_connection(("127.0.0.1", self._port))) as sock:
            sock.setblocking(False)
            client = Client(sock)
            await client.say(said)
            return await client.answer(method)

    async def statuses(self, path: str) -> list[int]:
        """Of all lines of the log for the path, once there are two."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            whole = self._proxy.log.read_text().rpartition("\n")[0].splitlines()
            lines = [json.loads(line) for line in whole if line.startswith("{")]
            if len(seen := [line["status"] for line in lines if line.get("path") == path]) > 1:
                return seen
            await asyncio.sleep(0.01)
        raise AssertionError(f"there are not two lines for {path}")


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with closing(started(tmp_path_factory.mktemp("loop"))) as loop:
        yield loop


def started(folder: Path) -> Loop:
    """On a port that is known before it is listened on: it is its own upstream."""
    return on_free_port(lambda port: Loop(folder, port))


CHUNKED = b"Transfer-Encoding: chunked"
REQUESTS = {
    "GET": request(b"/GET"),
    "HEAD": request(b"/HEAD", method=b"HEAD"),
    "POST": request(b"/POST", method=b"POST", body=b"hello"),
    "PUT": request(b"/PUT", CHUNKED, method=b"PUT") + chunked(b"hello"),
    "1.0": request(b"/1.0", version=b"1.0"),
    "via": request(b"/via", b"Via: 1.1 edge, 1.1 strangler"),
    "unnamed": request(b"/unnamed", b"Connection: Via, X-Forwarded-For"),
    "OPTIONS": request(b"/OPTIONS", b"Max-Forwards: 9", method=b"OPTIONS"),
    "ws": request(b"/ws", b"Connection: Upgrade", b"Upgrade: websocket"),
}


@pytest.mark.must(3)
@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_goes_round_once(loop: Loop, name: str) -> None:
    """It comes back, is seen to be our own, and our refusal is the answer on its way out."""
    came = await loop.ask(REQUESTS[name], name)
    assert (came.status, came.body) == (508, b"" if name == "HEAD" else b"508 Loop Detected\n")
    assert came.values(b"via") == [b"1.1 strangler"]
    assert await loop.statuses(f"/{name}") == [508, 508]


@pytest.mark.must(3)
async def test_the_proxy_serves_on(loop: Loop) -> None:
    """Our own pages are not forwarded, and a loop does not take the connections away."""
    for _ in range(20):
        assert (await loop.ask(request(b"/again"))).status == 508
    assert (await loop.ask(request(b"/__strangler__/health/live"))).status == 200


@pytest.mark.must(3)
@pytest.mark.parametrize("source", [STRANGER, TRUSTED], ids=["stranger", "trusted"])
@pytest.mark.parametrize(
    "via",
    [
        b"1.1 %b0",
        b"1.1 x%b",
        b"1.1 %b-2",
        b"1.1 %b.example",
        b"1.1 edge (%b)",
        b"1.1 edge (via %b)",
    ],
)
async def test_a_name_that_only_contains_ours_is_no_loop(
    harness: Harness, via: bytes, source: str
) -> None:
    """Two proxies may be called `web1` and `web10`."""
    line = b"Via: " + via.replace(b"%b", harness.pseudonym)
    assert (await harness.exchange(request(b"/", line), source=source)).answer.status == 200
