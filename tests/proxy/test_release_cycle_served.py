"""`strangler serve` with two workers: what the release-cycle API says, asked once for both."""

import asyncio
import json
from pathlib import Path

import httpx

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.downloads.cycle_servers import cycle_server

ROUTING = "version: 1\ndomains:\n  downloads:\n    phase: reads\n    routes: [/downloads/**]\n"
ENDED = {"3.9": {"status": "end-of-life", "end_of_life": "2025-10-31", "pep": 596}}
PAGE = "/downloads/release/python-3925/"
CONNECTIONS = 12
"""The kernel gives each to one of the workers: that all go to the same is as good as excluded."""


async def test_both_workers_hear_of_what_one_fetched(
    stack: EmbeddedStack, native_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "routing.yaml").write_text(ROUTING)

    async def page(url: str) -> str:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
            return (await client.get(PAGE)).text

    async with cycle_server(body=json.dumps(ENDED).encode()) as server:
        settings = {
            "STRANGLER_LEGACY_URL": "http://127.0.0.1:9",
            "STRANGLER_DATABASE_URL": native_database_url,
            "STRANGLER_REDIS_URL": stack.redis_url,
            "STRANGLER_RELEASE_CYCLE_URL": server.url,
        }
        proxy = on_free_port(lambda port: RunningProxy(settings, tmp_path, port=port))
        try:
            assert "its end of life (2025-10-31)" in await page(proxy.url)
            pages = [await page(proxy.url) for _ in range(CONNECTIONS)]
        finally:
            await asyncio.to_thread(proxy.close)
        assert len(server.asked) == 1
    assert all("its end of life (2025-10-31)" in each for each in pages)
