"""The proxy's own pages: health and metrics, and to whom they are shown."""

from ipaddress import ip_network

import pytest

from proxy.own_pages import OwnPages
from tests.inside import FRONT, STRANGER
from tests.proxy.door import TRUSTING, door


def own_pages(report: dict[str, object] | None = None) -> OwnPages:
    async def readiness() -> dict[str, object]:
        return report or {"ready": True}

    async def metrics() -> bytes:
        return b"some 1\n"

    return OwnPages(readiness, metrics, (ip_network(STRANGER), ip_network(FRONT)))


@pytest.mark.parametrize(
    ("target", "method", "status", "body"),
    [
        (b"health/live", b"GET", 200, b"live\n"),
        (b"health/live?x=y", b"GET", 200, b"live\n"),
        (b"health/live", b"HEAD", 200, b""),
        (b"health/ready", b"GET", 200, b'{"ready":true}'),
        (b"health/live", b"POST", 405, b"Only GET and HEAD.\n"),
        (b"metrics", b"GET", 200, b"some 1\n"),
        (b"metrics", b"DELETE", 405, b"Only GET and HEAD.\n"),
        (b"", b"GET", 404, b"There is no such page of the proxy.\n"),
        (b"health", b"POST", 404, b"There is no such page of the proxy.\n"),
    ],
)
async def test_own_pages(target: bytes, method: bytes, status: int, body: bytes) -> None:
    async with door(own=own_pages()) as edge:
        answer = await edge.ask(b"/__strangler__/" + target, method=method)
        assert (answer.status, answer.body) == (status, body)
        if method != b"HEAD":
            assert answer.value(b"content-length") == b"%d" % len(body)
        assert answer.values(b"allow") == ([b"GET, HEAD"] if status == 405 else [])
        assert answer.values(b"cache-control") == [b"no-store"]
        assert answer.values(b"strangler-owner") == [b"proxy"]
        assert answer.values(b"strangler-domain") == []
        assert edge.legacy.asked == []
        assert (await edge.server.records.ended()).owner == "proxy"


async def test_head_of_an_own_page_says_the_length_that_get_has() -> None:
    async with door(own=own_pages()) as edge:
        answer = await edge.ask(b"/__strangler__/health/live", method=b"HEAD")
        assert answer.value(b"content-length") == b"5"


async def test_not_ready_is_503() -> None:
    async with door(own=own_pages({"ready": False, "database": "unreachable"})) as edge:
        answer = await edge.ask(b"/__strangler__/health/ready")
        assert (answer.status, answer.value(b"content-type")) == (503, b"application/json")
        assert answer.body == b'{"ready":false,"database":"unreachable"}'


@pytest.mark.parametrize(
    ("source", "lines", "status"),
    [
        (STRANGER, (), 200),
        (STRANGER, (b"X-Forwarded-For: 127.0.0.1",), 403),
        (STRANGER, (b"Forwarded: for=127.0.0.1",), 403),
        (STRANGER, (b"X-Real-IP: 127.0.0.1",), 403),
        ("127.0.0.3", (), 403),
        (FRONT, (), 200),
        (FRONT, (b"X-Forwarded-For: 127.0.0.1",), 200),
        (FRONT, (b"X-Forwarded-For: 8.8.8.8",), 403),
    ],
)
async def test_metrics_are_not_for_everybody(
    source: str, lines: tuple[bytes, ...], status: int
) -> None:
    async with door(config=TRUSTING, own=own_pages()) as edge:
        answer = await edge.ask(b"/__strangler__/metrics", *lines, source=source)
        assert answer.status == status
        assert (answer.body == b"some 1\n") is (status == 200)
