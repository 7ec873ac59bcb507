"""Every recorded answer of the real site below /downloads/ and /getit/ is met natively."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ported_domains.downloads.catalogue import OperatingSystem, Release, ReleaseFile
from tests.ported_domains.wire import NativeSite, ask, native_site

pytestmark = pytest.mark.golden

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "legacy" / "golden" / "responses.jsonl"
MODELS = {
    Release: "downloads.release",
    OperatingSystem: "downloads.os",
    ReleaseFile: "downloads.releasefile",
}
# The legacy site fails where there is no install manager; that helps nobody, so we answer as its
# other redirects do: with the landing page.
ON_PURPOSE = {"/downloads/latest/pymanager/": {"status": 302, "location": "/downloads/"}}


def recorded() -> list[dict[str, Any]]:
    if not RECORDED.exists():
        return []
    with RECORDED.open(encoding="utf-8") as lines:
        answers = [json.loads(line) for line in lines]
    below = ("/downloads/", "/getit/")
    return [answer for answer in answers if answer["url"].startswith(below)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def native(native_dataset_url: str) -> AsyncIterator[NativeSite]:
    async with native_site(native_dataset_url) as site:
        yield site


def as_recorded(value: object) -> object:
    if type(value) in MODELS:
        return {"model": MODELS[type(value)], "pk": value.id}  # type: ignore[attr-defined]
    if isinstance(value, list):
        return [as_recorded(one) for one in value]
    if isinstance(value, dict):
        return {key: as_recorded(one) for key, one in value.items()}
    return value


@pytest.mark.skipif(not RECORDED.exists(), reason=f"no recorded answers: {RECORDED} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(recorded()) == 126


@pytest.mark.parametrize("answer", recorded(), ids=lambda answer: f"{answer['as']} {answer['url']}")
async def test_recorded_answer(native: NativeSite, answer: dict[str, Any]) -> None:
    expected = answer | ON_PURPOSE.get(answer["url"], {})
    native.pages.clear()
    reply = await ask(native.url, "GET", expected["url"])
    assert reply.status == expected["status"]
    assert reply.headers["content-type"] == expected["content_type"]
    assert reply.headers.get("location") == expected.get("location")
    assert len(reply.body) == expected.get("body_length", len(reply.body))
    assert {name: reply.headers.get(name.lower()) for name in expected["headers"]} == (
        expected["headers"]
    )
    if "template" in expected:
        [(template, context)] = native.pages
        assert template == expected["template"]
        given = {name: as_recorded(context[name]) for name in expected["context"]}
        assert given == expected["context"]
