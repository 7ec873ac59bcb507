"""What only the native side does with a write: who may write at all, and better refusals."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest
import pytest_asyncio

from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.shared.api.throttle import Rate, Throttles
from tests.ported_domains.downloads_writes.both import CALLERS, V1, V2, Both, Side, Write
from tests.ported_domains.wire import NativeSite, ask, client_of, native_site

STAFF = CALLERS[V2]["staff"]
KEY = CALLERS[V1]["staff"]
WRITES = (
    Write("POST", f"{V1}os/", {"name": "New"}),
    Write("DELETE", f"{V1}os/1/"),
    Write("DELETE", f"{V1}release_file/?release=5"),
    Write("GET", f"{V1}os/1/", fields={"x-http-method-override": "DELETE"}),
    Write("POST", f"{V2}os/", {"name": "New", "slug": "new"}),
    Write("PUT", f"{V2}os/1/", {"name": "New", "slug": "new"}),
    Write("PATCH", f"{V2}release/5/", {"name": "New"}),
    Write("DELETE", f"{V2}release/5/"),
    Write("DELETE", f"{V2}release_file/delete_by_release/?release=5"),
)


@pytest_asyncio.fixture
async def native(written_native: str, written_site: object) -> AsyncIterator[NativeSite]:
    """Another worker of the same native side."""
    legacy = written_site.database_url  # type: ignore[attr-defined]
    async with native_site(written_native, legacy) as site:
        yield site


def own(database: str, owner: Owner | None) -> None:
    """Without an owner nobody has ever said."""
    with psycopg.connect(database) as connection:
        if owner is None:
            connection.execute("DELETE FROM bridge_owners")
        else:
            write_owner(connection, "downloads", owner)


@pytest.mark.parametrize("owner", [Owner.LEGACY, None])
async def test_nothing_is_written_that_the_legacy_side_owns(
    both: Both, written_native: str, owner: Owner | None
) -> None:
    now = datetime.now(UTC)
    before = both.native.rows(now)
    own(written_native, owner)
    try:
        for write in WRITES:
            outcome = await both.native.ask(write, CALLERS[write.api]["staff"])
            assert (write, outcome.status) == (write, 503)
            assert outcome.headers["retry-after"] == "1"
            assert outcome.rows == before
    finally:
        own(written_native, Owner.NATIVE)


async def test_a_write_that_is_refused_here_may_be_asked_of_the_legacy_side(
    native: NativeSite, written_native: str
) -> None:
    """Where the edge may ask again: for a method that looks safe."""
    own(written_native, Owner.LEGACY)
    try:
        headers = {"Authorization": KEY, "X-HTTP-Method-Override": "DELETE"}
        reply = await ask(native.url, "GET", f"{V1}os/1/", **headers)
    finally:
        own(written_native, Owner.NATIVE)
    assert (reply.status, native.missed) == (503, [f"{V1}os/1/"])


async def test_the_owner_changes_before_a_write_or_after_it(
    both: Both, native: NativeSite, written_native: str
) -> None:
    """A write waits for a flip that is under way, and then knows what came of it."""
    with psycopg.connect(written_native) as flip:
        write_owner(flip, "downloads", Owner.LEGACY)
        async with client_of(native.url) as client:
            write = client.post(
                f"{V2}os/", json={"name": "a", "slug": "a"}, headers={"authorization": STAFF}
            )
            waiting = asyncio.create_task(write)
            await _until_someone_waits(written_native)
            assert not waiting.done()
            flip.commit()
            answer = await waiting
    own(written_native, Owner.NATIVE)
    assert answer.status_code == 503
    assert ("Plan 9",) not in [
        row[5:6] for row in both.native.rows(datetime.now(UTC))["operating_systems"]
    ]


async def _until_someone_waits(database: str) -> None:
    async with (
        asyncio.timeout(30),
        await psycopg.AsyncConnection.connect(database, autocommit=True) as connection,
    ):
        while True:
            found = await connection.execute(
                "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
            if found.rowcount:
                return


async def test_a_second_button_is_refused_with_a_reason(both: Both) -> None:
    """Django fails with 500: no field of its serializer knows this rule of the table."""
    side = both.native
    made = await side.ask(_file("one", 1, button=False), STAFF)
    assert made.status == 201
    made = await side.ask(_file("two", 2, button=False), STAFF)
    assert made.status == 201
    first, second = (row[0] for row in _files(side, "one", "two"))
    taken = Write("PATCH", f"{V2}release_file/{first}/", {"download_button": True})
    assert (await side.ask(taken, STAFF)).status == 200
    before = side.rows(datetime.now(UTC))
    refused = await side.ask(
        Write("PATCH", f"{V2}release_file/{second}/", {"download_button": True}), STAFF
    )
    assert (refused.status, refused.body) == (
        400,
        '{"non_field_errors":["The fields os, release must make a unique set."]}',
    )
    assert side.rows(datetime.now(UTC)) == before


def _file(name: str, number: int, *, button: bool) -> Write:
    return Write(
        "POST",
        f"{V2}release_file/",
        {
            "name": name,
            "slug": name,
            "url": f"https://www.python.org/ftp/{name}",
            "os": f"{V2}os/4/",
            "release": f"{V2}release/9/",
            "download_button": button,
        },
    )


def _files(side: Side, *slugs: str) -> list[tuple[int, ...]]:
    rows = side.rows(datetime.now(UTC))["release_files"]
    return sorted(row for row in rows if row[6] in slugs)


async def test_faults_of_a_file_are_told_in_json_to_who_asks_for_xml(both: Both) -> None:
    """Django fails with 500: `downloads/release_file` is no name of an element."""
    body = {
        "url": "https://example.org/",
        "os": f"{V1}os/1/",
        "release": f"{V1}release/9/",
    }
    write = Write("POST", f"{V1}release_file/", body, fields={"accept": "application/xml"})
    refused = await both.native.ask(write, KEY)
    assert (refused.status, refused.headers["content-type"]) == (400, "application/json")
    text = "Release file URLs must begin with 'https://www.python.org/'."
    assert refused.body == f'{{"downloads/release_file": {{"url": ["{text}"]}}}}'


async def test_a_slug_that_is_taken(both: Both) -> None:
    """In the words of api.md; the bundled site calls a release "release"."""
    write = Write("POST", f"{V2}release/", {"name": "a", "slug": "python-3140"})
    refused = await both.native.ask(write, STAFF)
    assert (refused.status, refused.body) == (
        400,
        '{"slug":["Release with this slug already exists."]}',
    )


async def test_two_releases_at_once_leave_one_latest(both: Both, native: NativeSite) -> None:
    async with client_of(native.url) as client:
        answers = await asyncio.gather(
            *(
                client.post(
                    f"{V2}release/",
                    json={"name": f"Python 3.17.{n}", "slug": f"r{n}", "is_latest": True},
                    headers={"authorization": STAFF},
                )
                for n in range(6)
            )
        )
    assert [answer.status_code for answer in answers] == [201] * 6
    rows = both.native.rows(datetime.now(UTC))["releases"]
    assert [row[7:9] for row in rows if row[8] and row[7] == 3] == [(3, True)]


async def test_refusals_are_not_counted_but_what_is_let_in_is(
    both: Both, written_native: str, written_site: object
) -> None:
    legacy = written_site.database_url  # type: ignore[attr-defined]
    once = Rate(1, 3600)
    throttles = Throttles(v1=once, anonymous=once, user=once)
    async with (
        native_site(written_native, legacy, throttles=throttles) as site,
        client_of(site.url) as client,
    ):
        for _ in range(2):
            assert (await client.post(f"{V2}os/", json={})).status_code == 401
            assert (await client.post(f"{V1}os/", json={"name": "a"})).status_code == 401
        for api, authorization in ((V1, KEY), (V2, STAFF)):
            headers = {"authorization": authorization}
            body = {"name": api, "slug": api[5:7]}
            made = await client.post(f"{api}os/", json=body, headers=headers)
            assert made.status_code == 201
            more = await client.post(f"{api}os/", json=body, headers=headers)
            assert (more.status_code, int(more.headers["retry-after"]) > 3500) == (429, True)


async def test_a_refusal_of_the_database_is_logged(
    both: Both, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    write = Write("POST", f"{V1}os/", {"name": "a", "slug": "windows"})
    assert (await both.native.ask(write, KEY)).status == 500
    assert "refused by the database" in caplog.records[-1].getMessage()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"a: &a [1]\nrelease_date: *a\n", 500),
        (b"[" * 100_000, 500),
        (b"a: " + b"x" * 2_621_440, 413),
        (b"release_date: " + b"1 " * 100_000, 400),
    ],
)
async def test_bodies_that_would_cost_much(both: Both, body: bytes, status: int) -> None:
    """Anybody may send them: they are read before it is asked who may write."""
    write = Write("POST", f"{V1}release/", body, content_type="text/yaml")
    assert (await both.native.ask(write, "")).status == status
