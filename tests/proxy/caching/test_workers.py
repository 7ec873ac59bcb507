"""`strangler serve` with two workers: whichever answers, no page is older than what was announced.

Rows are written natively by SQL, and by the bridge.
"""

import asyncio
import time
from collections.abc import Iterator
from itertools import count, islice

import httpx
import pytest
from click.testing import CliRunner

from proxy.cli import main
from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.legacy_bridge.replication.sides import ROWS, TABLES, run
from tests.longer import shorter
from tests.proxy.caching.announced import SECONDS, announcing, write

PAGE = "/downloads/operating-systems/"
ROUTING = "version: 1\ndomains:\n  downloads:\n    phase: reads\n    routes: [/downloads/**]\n"
CONNECTIONS = 12
"""The kernel gives each to one of the workers: that all go to the same is as good as excluded."""
LATE_SECONDS = shorter(1.0, 3.0)
"""From a commit to the last answer without it: milliseconds, but for a machine that is busy, as the
short form's is. Three are what the cache promises, whatever breaks."""


@pytest.fixture(scope="module")
def settings(stack: EmbeddedStack, native_template: str) -> Iterator[dict[str, str]]:
    """Of two databases that the bridge keeps in step, and whose changes are announced."""
    legacy = stack.create_database("workers_legacy")
    run(legacy, TABLES.decode())
    run(legacy, ROWS)
    native = stack.create_database("workers_native", template=native_template)
    given = {
        "STRANGLER_LEGACY_URL": "http://127.0.0.1:9",
        "STRANGLER_LEGACY_DATABASE_URL": legacy,
        "STRANGLER_DATABASE_URL": native,
        # What is written natively here is a stray to it, and an older one may come back.
        "STRANGLER_BRIDGE": "off",
    }
    strangler(given, "sync", "init", "--domain", "downloads")
    with announcing(native):
        yield given
    drop_slots(legacy)
    drop_slots(native)


@pytest.fixture(scope="module")
def proxy(
    settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProxy]:
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "routing.yaml").write_text(ROUTING)
    running = on_free_port(lambda port: RunningProxy(settings, folder, port=port, workers=2))
    _until(lambda: figure(running, "strangler_cache_listening") == 1.0)
    yield running
    running.close()


def strangler(settings: dict[str, str], *arguments: str) -> None:
    done = CliRunner().invoke(main, arguments, env=settings)
    assert done.exit_code == 0, done.output


def figure(proxy: RunningProxy, sample: str) -> float | None:
    """Over all workers, which tell each other once a second."""
    page = httpx.get(f"{proxy.url}/__strangler__/metrics", trust_env=False, timeout=SECONDS).text
    found = [line.rpartition(" ")[2] for line in page.splitlines() if line.startswith(f"{sample} ")]
    return float(found[0]) if found else None


def counted(proxy: RunningProxy, what: str) -> float:
    return figure(proxy, f'strangler_cache_total{{what="{what}"}}') or 0.0


def version(body: str) -> int:
    """Of the row that is shown."""
    return int(body.partition("Version ")[2].partition(".")[0] or -1)


async def test_no_worker_answers_with_what_was_before(
    proxy: RunningProxy, settings: dict[str, str]
) -> None:
    """Many visitors on many connections, while rows are committed natively."""
    native, committed = settings["STRANGLER_DATABASE_URL"], [0.0]
    done = asyncio.Event()
    late: list[float] = []

    async def visit() -> None:
        async with httpx.AsyncClient(
            base_url=proxy.url, trust_env=False, timeout=SECONDS
        ) as client:
            while not done.is_set():
                asked = time.monotonic()
                answer = await client.get(PAGE)
                assert (answer.status_code, answer.headers["strangler-owner"]) == (200, "native")
                shown = version(answer.text)
                missing = [at for at in committed[shown + 1 :] if at < asked]
                late.extend(asked - at for at in missing)

    def commit(number: int) -> None:
        write(
            native,
            "UPDATE operating_systems SET name = %(name)s WHERE id = 1",
            name=f"Version {number}.",
        )
        committed.append(time.monotonic())

    await asyncio.to_thread(commit, 0)
    committed[:] = committed[1:]
    visitors = [asyncio.create_task(visit()) for _ in range(CONNECTIONS)]
    numbers = count(1)
    deadline = time.monotonic() + SECONDS
    hits, misses = 0.0, 0.0
    while not hits > misses > 20:  # how often the few visitors come by is the machine's affair
        assert time.monotonic() < deadline, (hits, misses)
        for number in islice(numbers, 20 if misses <= 20 else 0):
            await asyncio.to_thread(commit, number)
            await asyncio.sleep(0.05)  # so long each is the truth
        hits = await asyncio.to_thread(counted, proxy, "hit")
        misses = await asyncio.to_thread(counted, proxy, "miss")
    done.set()
    await asyncio.gather(*visitors)
    assert max(late, default=0.0) < LATE_SECONDS


def test_what_comes_through_the_bridge(proxy: RunningProxy, settings: dict[str, str]) -> None:
    assert shown_on_all(proxy, "Version ")
    write(
        settings["STRANGLER_LEGACY_DATABASE_URL"],
        "UPDATE downloads_os SET name = 'From Django' WHERE id = 1",
    )
    strangler(settings, "sync", "run", "--once")
    _until(lambda: shown_on_all(proxy, "From Django"))
    assert shown_on_all(proxy, "From Django")


def shown_on_all(proxy: RunningProxy, text: str) -> bool:
    """On each of many connections."""
    bodies = []
    for _ in range(CONNECTIONS):
        with httpx.Client(base_url=proxy.url, trust_env=False, timeout=SECONDS) as client:
            bodies.append(client.get(PAGE).text)
    return all(text in body for body in bodies)


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
