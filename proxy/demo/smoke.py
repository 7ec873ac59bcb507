"""The main job, walked through once against the running system; every step asserts what it saw."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import psycopg

from proxy.demo.forms import read_form
from proxy.demo.system import System

FLIP_SECONDS = 1.0
REFUSED_SECONDS = 1.0
UPLOAD = bytes(range(256)) * (12 * 1024)
"""3 MiB: more than Django keeps in memory, so that it is spooled to a file."""

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


class NotSeenError(Exception):
    """A step saw something else than it had to."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One step: what was seen (or what was wrong), in how many seconds."""

    step: str
    held: bool
    what: str
    seconds: float


def expect(held: bool, otherwise: str) -> None:
    """Like `assert`, but also where Python leaves assertions out."""
    if not held:
        raise NotSeenError(otherwise)


def walk(system: System) -> Iterator[Seen]:
    """Take the steps in order; a step that fails does not keep the next ones from trying."""
    with httpx.Client(base_url=system.proxy.url, timeout=30, trust_env=False) as visitor:
        for name, step in STEPS:
            started = time.monotonic()
            try:
                held, what = True, step(system, visitor)
            except (NotSeenError, LookupError, httpx.HTTPError, OSError) as error:
                held, what = False, f"{type(error).__name__}: {error}"
            yield Seen(name, held, what, round(time.monotonic() - started, 2))


def legacy_page(system: System, visitor: httpx.Client) -> str:
    answer = visitor.get("/")
    expect(answer.status_code == 200, f"/ answered {answer.status_code}")
    expect(_owner(answer) == "legacy", f"/ was answered by {_owner(answer)}")
    expect("via" in answer.headers, "the answer carries no Via")
    return f"/ → 200 from {_owner(answer)}, {len(answer.content)} bytes"


def admin_login(system: System, visitor: httpx.Client) -> str:
    form = read_form(visitor.get("/admin/login/?next=/admin/").text, "csrfmiddlewaretoken")
    sent = form.filled(username="admin1", password="admin-1")  # noqa: S106 - the bundled data's own
    answer = visitor.post("/admin/login/?next=/admin/", data=sent)
    expect(answer.status_code == 302, f"the login answered {answer.status_code}")
    expect(answer.headers["location"] == "/admin/", "the login led elsewhere")
    index = visitor.get("/admin/")
    expect(index.status_code == 200 and "sessionid" in visitor.cookies, "nobody is logged in")
    return "logged in as admin1, session cookie kept"


def admin_edit(system: System, visitor: httpx.Client) -> str:
    number = _scalar(system, "SELECT min(id) FROM downloads_release WHERE is_published")
    page = f"/admin/downloads/release/{number}/change/"
    form = read_form(visitor.get(page).text, "release_notes_url")
    notes = "https://docs.python.org/release/changed-by-the-demo/"
    answer = visitor.post(page, data=form.filled(release_notes_url=notes, _save="Save"))
    expect(answer.status_code == 302, f"saving answered {answer.status_code}: the form was refused")
    query = "SELECT count(*) FROM downloads_release WHERE release_notes_url = '{}'"
    expect(_scalar(system, query.format(notes)) == 1, "the row does not say so")
    return f"release {number} changed through the proxy"


def admin_upload(system: System, visitor: httpx.Client) -> str:
    number = _scalar(system, "SELECT min(id) FROM pages_page")
    page = f"/admin/pages/page/{number}/change/"
    form = read_form(visitor.get(page).text, "title")
    (field,) = [name for name in form.files if "document" in name and "-0-" in name]
    files = {field: ("demo upload.bin", UPLOAD, "application/octet-stream")}
    answer = visitor.post(page, data=form.filled(_save="Save"), files=files)
    expect(answer.status_code == 302, f"saving answered {answer.status_code}: the form was refused")
    stored = _scalar(system, "SELECT document FROM pages_documentfile ORDER BY id DESC LIMIT 1")
    back = visitor.get(f"/media/{stored}")
    expect(back.content == UPLOAD, f"/media/{stored} came back with {len(back.content)} bytes")
    return f"{len(UPLOAD)} bytes up, the same bytes back from /media/{stored}"


def copy(system: System, visitor: httpx.Client) -> str:
    output = system.copy().splitlines()
    report = json.loads(output[-1])
    expect(report["ok"] is True, f"the copy said {output[-1]}")
    pairs = {"downloads_os": "operating_systems"} | {
        "downloads_release": "releases",
        "downloads_releasefile": "release_files",
    }
    for legacy, native in pairs.items():
        there = _scalar(system, f"SELECT count(*) FROM {legacy}")  # noqa: S608 - fixed names
        here = _scalar(system, f"SELECT count(*) FROM {native}", native=True)  # noqa: S608
        expect(there == here, f"{legacy} has {there} rows, {native} {here}")
    return "operating systems, releases and files: as many rows on both sides"


def flip_to_native(system: System, visitor: httpx.Client) -> str:
    seconds = _flip(system, visitor, "native")
    answer = visitor.get("/downloads/")
    expect(answer.status_code == 200, f"/downloads/ answered {answer.status_code}")
    return f"in force in every worker after {seconds:.2f} s; Strangler-Owner: {_owner(answer)}"


def same_json(system: System, visitor: httpx.Client) -> str:
    urls = list(_api_urls(system))
    host = urlsplit(system.proxy.url).netloc
    with httpx.Client(base_url=system.site.url, headers={"host": host}, trust_env=False) as legacy:
        for url in urls:
            ours, theirs = visitor.get(url), legacy.get(url)
            expect(
                (ours.status_code, ours.content) == (theirs.status_code, theirs.content),
                f"{url}: native {ours.status_code} {ours.text[:120]!r}, "
                f"legacy {theirs.status_code} {theirs.text[:120]!r}",
            )
            found = ours.status_code != 404
            expect(not found or _owner(ours) == "native", f"{url} came from {_owner(ours)}")
    return f"{len(urls)} URLs: same status, same bytes"


def flip_back(system: System, visitor: httpx.Client) -> str:
    seconds = _flip(system, visitor, "legacy")
    return f"in force in every worker after {seconds:.2f} s"


def broken_routing(system: System, visitor: httpx.Client) -> str:
    _flip(system, visitor, "native")
    system.write_routing("version: 1\ndomains:\n  downloads:\n    phase: nativ\n")
    ready = _until(lambda: visitor.get("/__strangler__/health/ready").json()["routing"]["faults"])
    expect(bool(ready), "the fault was not noticed")
    owner = _owner(visitor.get("/downloads/"))
    expect(owner == "native", f"a broken file changed the owner to {owner}")
    system.wish("native")
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
    for path in ("/downloads/", "/api/v2/downloads/release/", "/downloads/feed.rss"):
        answer = visitor.get(path)
        expect(answer.status_code == 200, f"{path} answered {answer.status_code}")
        expect(_owner(answer) == "native", f"{path} came from {_owner(answer)}")
    missing = visitor.get("/downloads/no-such-system/")
    expect(missing.status_code == 404, f"an unknown page answered {missing.status_code}")
    return f"native routes answer, forwarded ones say 502 after {seconds * 1000:.0f} ms"


def legacy_back(system: System, visitor: httpx.Client) -> str:
    system.site.start()
    answer = visitor.get("/about/")
    expect(answer.status_code == 200, f"/about/ answered {answer.status_code}")
    expect(visitor.get("/admin/").status_code == 200, "the session did not survive")
    _flip(system, visitor, "legacy")
    return "all well, the editor is still logged in"


STEPS: tuple[tuple[str, Callable[[System, httpx.Client], str]], ...] = (
    ("A legacy page through the proxy", legacy_page),
    ("Django admin: log in", admin_login),
    ("Django admin: edit a release", admin_edit),
    ("Django admin: upload a file", admin_upload),
    ("Copy the domain", copy),
    ("Flip to native", flip_to_native),
    ("Same JSON from both sides", same_json),
    ("Flip back", flip_back),
    ("A broken routing.yaml", broken_routing),
    ("The legacy site stopped", legacy_stopped),
    ("The legacy site back", legacy_back),
)


def _owner(answer: httpx.Response) -> str:
    return str(answer.headers.get("strangler-owner", "nobody"))


def _flip(system: System, visitor: httpx.Client, owner: str) -> float:
    """Write the phase, and see the last answer of the old owner within the promised second."""
    system.wish(owner)
    saved = time.monotonic()
    last_old = saved
    while time.monotonic() - saved < FLIP_SECONDS * 1.5:
        began = time.monotonic()
        # A connection of its own each time, so that every worker is asked.
        if _owner(httpx.get(f"{system.proxy.url}/downloads/", trust_env=False)) != owner:
            last_old = began
    expect(
        last_old - saved <= FLIP_SECONDS, f"the old owner still answered {last_old - saved} s on"
    )
    return last_old - saved


def _until(condition: Callable[[], object]) -> bool:
    deadline = time.monotonic() + FLIP_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
    return False


def _api_urls(system: System) -> Iterator[str]:
    for resource, table in RESOURCES.items():
        yield from (query.format(resource) for query in API_QUERIES)
        numbers = _column(system, f"SELECT id FROM {table} ORDER BY id")  # noqa: S608 - fixed names
        joined = ";".join(str(number) for number in numbers)
        yield f"/api/v1/downloads/{resource}/set/{joined}/"
        for number in numbers:
            yield f"/api/v1/downloads/{resource}/{number}/"
            yield f"/api/v2/downloads/{resource}/{number}/"


def _scalar(system: System, query: str, *, native: bool = False) -> object:
    return _column(system, query, native=native)[0]


def _column(system: System, query: str, *, native: bool = False) -> list[object]:
    name = "STRANGLER_DATABASE_URL" if native else "STRANGLER_LEGACY_DATABASE_URL"
    with psycopg.connect(system.settings[name]) as connection:
        return [row[0] for row in connection.execute(query.encode()).fetchall()]
