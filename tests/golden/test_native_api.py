"""Every recorded answer of both APIs below downloads/ is met by the native side."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.ported_domains.wire import native_client

pytestmark = pytest.mark.golden

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "legacy" / "golden" / "responses.jsonl"
PREFIXES = ("/api/v1/downloads/", "/api/v2/downloads/")
HOST = "www.example.org"
# As each API writes JSON: v1 with a space after separators, v2 without.
SEPARATORS = {"/api/v1/": (", ", ": "), "/api/v2/": (",", ":")}


def recorded() -> list[dict[str, Any]]:
    if not RECORDED.exists():
        return []
    with RECORDED.open(encoding="utf-8") as lines:
        answers = [json.loads(line) for line in lines]
    return [one for one in answers if one["url"].startswith(PREFIXES)]


@pytest_asyncio.fixture(scope="module")
async def native(
    native_dataset_url: str, dataset_database_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    async with native_client(native_dataset_url, dataset_database_url) as client:
        yield client


@pytest.mark.skipif(not RECORDED.exists(), reason=f"no recorded answers: {RECORDED} is not here")
def test_all_recorded_answers_are_of_anonymous_visitors() -> None:
    """So none of those below needs credentials; and none was lost in reading."""
    assert {one["as"] for one in recorded()} == {"anonymous"}
    assert len(recorded()) == 42


@pytest.mark.parametrize("answer", recorded(), ids=lambda answer: answer["url"])
async def test_recorded_answer(native: httpx.AsyncClient, answer: dict[str, Any]) -> None:
    url = answer["url"]
    response = await native.get(url, headers={"host": HOST})
    assert response.status_code == answer["status"]
    assert response.headers["content-type"] == answer["content_type"]
    assert {name: response.headers.get(name) for name in answer["headers"]} == answer["headers"]
    if "json" in answer:
        body = json.dumps(answer["json"], ensure_ascii=False, separators=SEPARATORS[url[:8]])
        assert response.text == body
    else:
        assert response.content == b""
