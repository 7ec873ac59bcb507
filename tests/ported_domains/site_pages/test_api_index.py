"""`/api/v1/` and `/api/v2/`: as recorded of the real site, and as the bundled one answers.

Left out by name: XML of v1, with which the legacy side fails (500) at names that hold a slash, and
the description in OPTIONS of v2, for which the bundled site has none.
"""

import json
import re
from typing import Any

import pytest

from ported_domains.shared.api.throttle import DAY, HOUR, Rate, Throttles
from ported_domains.site_pages import SITE_PAGES
from tests.ported_domains.bundled import CONTRACT, BundledSides
from tests.ported_domains.golden import CHOSEN, Recorded, named, recorded
from tests.ported_domains.wire import Reply, ask, native_site

V1, V2 = "/api/v1/", "/api/v2/"
SEPARATORS = {V1: (", ", ": "), V2: (",", ":")}
ANSWERS = [one for one in recorded(V1, V2) if one["url"].partition("?")[0] in (V1, V2)]
HEADERS = (*CONTRACT, "www-authenticate")
TIME_OF_DAY = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
TOKEN = "a" * 32
WITH_TOKEN = {"Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}

V1_ENDS = (
    *("", "?format=json", "?format=yaml", "?format=bogus", "?callback=x", "?username=a"),
    *("?fullschema=", "?fullschema=False", "?fullschema=nil", "?fullschema=true&fullschema=false"),
    *("?fullschema=true", "?fullschema=0", "?fullschema=1&format=yaml"),
)
V1_ACCEPT = (
    *("*/*", "application/*", "text/*", "text/html", "", ",", "garbage", "a/b/c"),
    *("application/json;q=0, text/plain", "application/xml;q=0.1, text/yaml;q=0.3"),
)
V2_ENDS = (
    *("", "?format=json", "?format=", "?format=xml", "?bogus=1"),
    *(".json", ".json/", ".json?format=json", ".xml", ".JSON", "json", "nothing/"),
)
V2_ACCEPT = (
    *("*/*", "application/*", "", "text/html", "application/xml", "garbage"),
    *("application/json; indent=4", "text/html, */*;q=0.8"),
)
AUTHORIZATION = (
    *("ApiKey staff1:" + "c3" * 20, "ApiKey staff1:wrong", "Bearer x", "garbage"),
    *("Token " + "3c" * 20, "token " + "2b" * 20, "Token wrong", "Token", "Token a b"),
)
METHODS = ("HEAD", "POST", "PUT", "DELETE", "BOGUS")
ASKED: list[tuple[str, str, dict[str, str]]] = [
    *(("GET", V1 + end, {}) for end in V1_ENDS),
    *(("GET", V1, {"Accept": accept}) for accept in V1_ACCEPT),
    *(("GET", V2 + end, {}) for end in V2_ENDS),
    *(("GET", V2, {"Accept": accept}) for accept in V2_ACCEPT),
    *(("GET", api, {"Authorization": it}) for api in (V1, V2) for it in AUTHORIZATION),
    *(("POST", V2, {"Authorization": it}) for it in AUTHORIZATION),
    *((method, api, {}) for api in (V1, V2) for method in METHODS),
    ("OPTIONS", V1, {}),
    ("OPTIONS", V2 + ".xml", {}),
    ("POST", V1, WITH_TOKEN),
    ("DELETE", V1, WITH_TOKEN),
    ("GET", V1, {"X-HTTP-Method-Override": "DELETE"}),
    ("GET", V1[:-1] + "?a=1", {}),
    ("GET", V2[:-1], {}),
]


def seen(reply: Reply) -> dict[str, Any]:
    """The body but for pages, which tests of their own compare, and for the time of day that the
    schema of releases shows as a default."""
    headers = {name: reply.headers.get(name) for name in HEADERS}
    is_page = bool(reply.body) and reply.headers["content-type"].startswith("text/html")
    body = b"a page" if is_page else TIME_OF_DAY.sub(b"now", reply.body)
    return {"status": reply.status, "body": body} | headers


@pytest.mark.golden
def test_none_was_lost_in_reading() -> None:
    assert len(ANSWERS) == (3 if recorded(V1) else 0)


@pytest.mark.golden
@pytest.mark.parametrize("answer", ANSWERS, ids=named)
async def test_recorded_answer(bundled_sides: BundledSides, answer: Recorded) -> None:
    reply = await ask(bundled_sides.native.url, "GET", answer["url"])
    assert (reply.status, reply.headers["content-type"]) == (200, answer["content_type"])
    chosen = {name: reply.headers.get(name.lower()) for name in CHOSEN}
    assert chosen == {name: answer["headers"].get(name) for name in CHOSEN}
    separators = SEPARATORS[answer["url"][: len(V1)]]
    assert reply.body == json.dumps(answer["json"], separators=separators).encode()


@pytest.mark.parity
@pytest.mark.parametrize(("method", "target", "headers"), ASKED)
async def test_answered_alike(
    bundled_sides: BundledSides, method: str, target: str, headers: dict[str, str]
) -> None:
    legacy = await ask(bundled_sides.legacy, method, target, **headers)
    native = await ask(bundled_sides.native.url, method, target, **headers)
    if method == "HEAD":
        assert native.headers["content-length"] == legacy.headers["content-length"]
        native, legacy = (Reply(one.status, one.headers, b"") for one in (native, legacy))
    assert seen(native) == seen(legacy)


@pytest.mark.parity
async def test_metadata_of_v2(bundled_sides: BundledSides) -> None:
    legacy = await ask(bundled_sides.legacy, "OPTIONS", V2)
    native = await ask(bundled_sides.native.url, "OPTIONS", V2)
    told = json.loads(legacy.body)
    told["description"] = "The default basic root view for DefaultRouter"
    expected = json.dumps(told, separators=SEPARATORS[V2]).encode()
    assert seen(native) == seen(legacy) | {"body": expected}


@pytest.mark.parametrize(
    ("end", "headers"),
    [
        ("?format=xml", {}),
        ("", {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}),
    ],
)
async def test_json_where_xml_is_wanted(
    bundled_sides: BundledSides, end: str, headers: dict[str, str]
) -> None:
    url = bundled_sides.native.url
    assert seen(await ask(url, "GET", V1 + end, **headers)) == seen(await ask(url, "GET", V1))


async def test_only_v2_is_limited(native_database_url: str) -> None:
    """Also what is refused counts there, but for wrong credentials."""
    throttles = Throttles(v1=Rate(0, HOUR), anonymous=Rate(2, DAY))
    site = native_site(native_database_url, domains=[SITE_PAGES], throttles=throttles)
    async with site as native:
        replies = [
            await ask(native.url, method, target, **headers)
            for method, target, headers in (
                ("GET", V1, {}),
                ("GET", V2, {"Authorization": "Token a b"}),
                ("POST", V2, {}),
                ("GET", V2, {}),
                ("GET", V2, {}),
            )
        ]
    assert [reply.status for reply in replies] == [200, 401, 405, 200, 429]
    seconds = int(replies[-1].headers["retry-after"])
    assert DAY - 60 < seconds <= DAY
    text = f"Request was throttled. Expected available in {seconds} seconds."
    assert json.loads(replies[-1].body) == {"detail": text}
