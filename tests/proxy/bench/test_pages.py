"""`strangler bench pages`: what it measures, what it prints, and its exit codes."""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from proxy.bench.cores import Cores
from proxy.bench.figures import Round, ratio, result
from proxy.bench.pages import changes, report
from proxy.bench.pages.catalogue import CASE, CHANGING, DJANGO, FORWARDED, KEPT, NATIVE, PAGES
from proxy.bench.pages.changes import Marks, is_shown
from proxy.bench.pages.report import Measured, PagesPlan, PagesReport
from proxy.cli import main
from proxy.embedded.stack import EmbeddedStack
from tests.longer import LONGER

DOWNLOADS, API = PAGES[1], PAGES[-1]


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["bench", "pages", *arguments])


def rounds(rps: int, p95: float, errors: dict[str, int]) -> list[Round]:
    return [
        Round(
            requests=rps,
            seconds=1.0,
            p50_ms=1.0,
            p95_ms=p95,
            p99_ms=200.0,
            errors=errors,
            peer_cpu=0.5,
            driver_cpu=0.5,
        )
    ]


def reported(
    kept: int = 10_000, p95: float = 99.0, errors: dict[str, int] | None = None
) -> Callable[[PagesPlan], PagesReport]:
    """Django answers 100 a second, always 300 ms late; `p95` is of rows that change."""
    seen = {
        DJANGO: rounds(100, 300.0, {}),
        FORWARDED: rounds(90, 300.0, {}),
        NATIVE: rounds(250, 50.0, errors or {}),
        KEPT: rounds(kept, 3.0, {}),
        CHANGING: rounds(5000, p95, {}),
    }

    def report_of(plan: PagesPlan) -> PagesReport:
        return PagesReport(
            plan=plan,
            cores=Cores(peer=frozenset({1}), driver=frozenset({0})),
            machine={"processor": "Z80", "cores": 2, "load": 0.5},
            results=[
                Measured(
                    page=page,
                    result=result(side, CASE, seen[side]),
                    ratio=ratio(DJANGO, CASE, seen[side], seen[DJANGO]),
                )
                for page in (DOWNLOADS, API)
                for side in page.sides
            ],
            written=12,
        )

    return report_of


def give(
    monkeypatch: pytest.MonkeyPatch, made: Callable[[PagesPlan], PagesReport]
) -> list[PagesPlan]:
    asked: list[PagesPlan] = []

    def given(plan: PagesPlan, on_turn: object) -> PagesReport:
        asked.append(plan)
        return made(plan)

    monkeypatch.setattr(report, "measure", given)
    return asked


@pytest.mark.parametrize(
    ("kept", "p95", "verdicts"),
    [
        (10_000, 99.9, ["10,000 met", "99.9 met"]),
        (9_999, 100.0, ["9,999 not met", "100.0 not met"]),
    ],
)
def test_the_table_has_every_side_and_both_targets(
    monkeypatch: pytest.MonkeyPatch, kept: int, p95: float, verdicts: list[str]
) -> None:
    asked = give(monkeypatch, reported(kept, p95))
    done = bench("--short")
    assert done.exit_code == 0
    assert [(plan.rounds, plan.seconds) for plan in asked] == [(2, 0.3)]
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "/downloads/ Django 100 1.00 300.00 200.00 0 5,000 50% 1.0" in lines
    assert "native 250 1.00 50.00 200.00 0 2,000 50% 2.5" in lines
    assert [line.rpartition(":")[0] for line in lines if line.startswith("rows changed")] == [
        "rows changed meanwhile"
    ]
    targets = [line for line in lines if " met" in line]
    assert [line[-len(end) :] for line, end in zip(targets, verdicts, strict=True)] == verdicts


def test_errors_are_told_and_make_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, reported(errors={"status 429": 3}))
    done = bench()
    assert done.exit_code == 1
    assert "/downloads/, native: 3 × status 429" in done.stdout.splitlines()  # noqa: RUF001
    told = json.loads(bench("--json").stdout)
    sides = [(one["page"], one["name"], one["errors"]) for one in told["results"]]
    assert sides == [
        (DOWNLOADS.path, DJANGO, 0),
        (DOWNLOADS.path, FORWARDED, 0),
        (DOWNLOADS.path, NATIVE, 3),
        (DOWNLOADS.path, KEPT, 0),
        (DOWNLOADS.path, CHANGING, 0),
        (API.path, DJANGO, 0),
        (API.path, FORWARDED, 0),
        (API.path, NATIVE, 3),
    ]
    assert [one["reached"] for one in told["targets"]] == [10_000, 99.0]


def test_sides_take_turns_there_and_back() -> None:
    turns = list(report._turns(PagesPlan(rounds=2, seconds=1.0, pages=(API,))))
    there = [DJANGO, FORWARDED, NATIVE]
    assert turns == [(API, side) for side in [*there, *reversed(there)]]


@LONGER
def test_a_page_and_an_api_are_measured_on_a_running_site() -> None:
    found = report.measure(PagesPlan(rounds=1, seconds=0.3, pages=(DOWNLOADS, API)))
    reasons = {one.result.name: one.result.error_reasons for one in found.results}
    assert reasons == {side: {} for side in DOWNLOADS.sides}
    assert min(one.result.rps for one in found.results) > 0
    assert found.written > 0


@pytest.fixture(scope="module")
def marked_url(stack: EmbeddedStack) -> str:
    url = stack.create_database("bench_pages_marks")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE marks (mark text)")
    return url


@pytest.fixture
def counted(marked_url: str) -> Iterator[tuple[Marks, psycopg.Connection[Any]]]:
    with psycopg.connect(marked_url, autocommit=True) as connection:
        marks = Marks(marked_url)
        yield marks, connection
        marks.close()


def test_rows_change_by_the_clock_and_no_mark_twice(
    counted: tuple[Marks, psycopg.Connection[Any]],
) -> None:
    marks, connection = counted
    with marks.changing("INSERT INTO marks VALUES (%s)", 200.0):
        while marks.count < 10:
            threading.Event().wait(0.01)
    written = [mark for (mark,) in connection.execute("SELECT mark FROM marks ORDER BY mark")]
    assert written == [f"{number:08d}" for number in range(1, marks.count + 1)]
    assert marks.last == written[-1]


def test_what_the_database_refuses_is_raised(
    counted: tuple[Marks, psycopg.Connection[Any]],
) -> None:
    marks, _ = counted
    with (
        pytest.raises(psycopg.errors.UndefinedTable),
        marks.changing("INSERT INTO nowhere VALUES (%s)", 50.0),
    ):
        pass


@contextmanager
def a_page_of(*bodies: bytes) -> Iterator[str]:
    """Its URL: one body after the other, the last one for ever."""
    left = [*bodies]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_page_that_never_shows_the_change_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PATIENCE", 60.0)
    with a_page_of(b"00000001", b"00000001", b"00000002") as url:
        assert is_shown(url, "00000002")
        monkeypatch.setattr(changes, "PATIENCE", 0.1)
        assert not is_shown(url, "00000003")
