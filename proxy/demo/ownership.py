"""Steps of the walk: who answers. Flipping and flipping back, and either side's faults."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx

from proxy.demo.expectations import column, expect, owner_of
from proxy.demo.flipping import flip
from proxy.demo.system import System

DOMAIN = "downloads"
PAGE = "/downloads/"
REFUSED_SECONDS = 1.0
NOTICED_SECONDS = 10.0
"""That a flip is quick is seen elsewhere; here a busy machine may take its time."""

API_QUERIES = (
    "/api/v1/downloads/{}/",
    "/api/v1/downloads/{}/?limit=3&offset=2",
    "/api/v1/downloads/{}/?limit=-1",
    "/api/v1/downloads/{}/schema/",
    "/api/v1/downloads/{}/999999/",
    "/api/v2/downloads/{}/",
    "/api/v2/downloads/{}/?slug=windows",
    "/api/v2/downloads/{}/?bogus=1",
    "/api/v2/downloads/{}/999999/",
)
RESOURCES = {
    "os": "downloads_os",
    "release": "downloads_release",
    "release_file": "downloads_releasefile",
}


def legacy_page(system: System, visitor: httpx.Client) -> str:
    answer = visitor.get("/")
    expect(answer.status_code == 200, f"/ answered {answer.status_code}")
    expect(owner_of(answer) == "legacy", f"/ was answered by {owner_of(answer)}")
    expect("via" in answer.headers, "the answer carries no Via")
    return f"/ → 200 from {owner_of(answer)}, {len(answer.content)} bytes"


def flip_to_native(system: System, visitor: httpx.Client) -> str:
    seconds = flip(system, DOMAIN, "reads", PAGE)
    answer = system.visitor().get(PAGE)
    expect(answer.status_code == 200, f"/downloads/ answered {answer.status_code}")
    return f"in force in every worker after {seconds:.2f} s; Strangler-Owner: {owner_of(answer)}"


def same_json(system: System, visitor: httpx.Client) -> str:
    urls = list(_api_urls(system))
    host, visitor = urlsplit(system.proxy.url).netloc, system.visitor()
    with httpx.Client(base_url=system.site.url, headers={"host": host}, trust_env=False) as legacy:
        for url in urls:
            ours, theirs = visitor.get(url), legacy.get(url)
            expect(
                (ours.status_code, ours.content) == (theirs.status_code, theirs.content),
                f"{url}: native {ours.status_code} {ours.text[:120]!r}, "
                f"legacy {theirs.status_code} {theirs.text[:120]!r}",
            )
            found = ours.status_code != 404
            expect(not found or owner_of(ours) == "native", f"{url} came from {owner_of(ours)}")
    return f"{len(urls)} URLs: same status, same bytes"


def flip_back(system: System, visitor: httpx.Client) -> str:
    seconds = flip(system, DOMAIN, "legacy", PAGE)
    return f"in force in every worker after {seconds:.2f} s"


def broken_routing(system: System, visitor: httpx.Client) -> str:
    flip(system, DOMAIN, "reads", PAGE)
    system.write_routing("version: 1\ndomains:\n  downloads:\n    phase: nativ\n")
    ready = _until(lambda: visitor.get("/__strangler__/health/ready").json()["routing"]["faults"])
    expect(bool(ready), "the fault was not noticed")
    owner = owner_of(system.visitor().get(PAGE))
    expect(owner == "native", f"a broken file changed the owner to {owner}")
    system.wish(downloads="reads")
    expect(
        _until(lambda: visitor.get("/__strangler__/health/ready").json()["routing"]["faults"] == 0),
        "the mended file was not taken",
    )
    return "phase 'nativ' was refused, the last good table stayed"


def legacy_stopped(system: System, visitor: httpx.Client) -> str:
    system.site.stop()
    started = time.monotonic()
    forwarded = visitor.get("/about/")
    seconds = time.monotonic() - started
    expect(forwarded.status_code == 502, f"/about/ answered {forwarded.status_code}")
    expect(seconds < REFUSED_SECONDS, f"502 came after {seconds:.1f} s only")
    visitor = system.visitor()
    for path in (PAGE, "/api/v2/downloads/release/", "/downloads/feed.rss"):
        answer = visitor.get(path)
        expect(answer.status_code == 200, f"{path} answered {answer.status_code}")
        expect(owner_of(answer) == "native", f"{path} came from {owner_of(answer)}")
    missing = visitor.get("/downloads/no-such-system/")
    expect(missing.status_code == 404, f"an unknown page answered {missing.status_code}")
    return f"native routes answer, forwarded ones say 502 after {seconds * 1000:.0f} ms"


def legacy_back(system: System, visitor: httpx.Client) -> str:
    system.site.start()
    answer = visitor.get("/about/")
    expect(answer.status_code == 200, f"/about/ answered {answer.status_code}")
    expect(visitor.get("/admin/").status_code == 200, "the session did not survive")
    flip(system, DOMAIN, "legacy", PAGE)
    return "all well, the editor is still logged in"


def _until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + NOTICED_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
    return False


def _api_urls(system: System) -> Iterator[str]:
    for resource, table in RESOURCES.items():
        yield from (query.format(resource) for query in API_QUERIES)
        numbers = column(system, f"SELECT id FROM {table} ORDER BY id")  # noqa: S608 - fixed names
        joined = ";".join(str(number) for number in numbers)
        yield f"/api/v1/downloads/{resource}/set/{joined}/"
        for number in numbers:
            yield f"/api/v1/downloads/{resource}/{number}/"
            yield f"/api/v2/downloads/{resource}/{number}/"
