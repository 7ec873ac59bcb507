"""What the pages show of what is in the database, and the stream of events."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.proxy.console.people import client, with_token
from tests.proxy.console.system import ROUTING, System

EVIL = "</pre><script>alert('x')</script>\"'{{ 7 * 7 }}"
BUCKETS = 15


@pytest.fixture
def visitor(system: System) -> Iterator[httpx.Client]:
    with with_token(system) as found:
        yield found


@pytest.fixture
def evil(system: System) -> Iterator[None]:
    """Hostile texts wherever a visitor may have had a hand in it."""
    example = {
        "when": 1.0,
        "method": "GET",
        "target": f"/downloads/{EVIL}",
        "path": EVIL,
        "kind": "differs",
        "control": EVIL,
        "candidate": f"another {EVIL}",
    }
    tally = {
        "domain": "downloads",
        "route": "/downloads/**",
        "asked": 100,
        "repeated": 100,
        "equal": 60,
        "paths": {EVIL: {"differing": 40, "kinds": {"differs": 40}, "examples": [example]}},
        "notes": {EVIL: 3},
    }
    system.run(
        "INSERT INTO parity_tallies VALUES (now(), 'w', 'downloads', '/downloads/**', %s)",
        json.dumps(tally),
    )
    system.run(
        "INSERT INTO parity_writes (domain, route, method, target, equal, differences, note)"
        " VALUES ('downloads', '/downloads/**', 'POST', %s, false, %s, %s)",
        EVIL,
        json.dumps([{"column": EVIL}]),
        EVIL,
    )
    system.run(
        "INSERT INTO ownership_changes"
        " (domain, action, before, after, made_by, why, result, reason, steps)"
        " VALUES ('downloads', 'drop', %s, %s, %s, %s, 'refused', %s, %s)",
        *([EVIL] * 5),
        json.dumps([{EVIL: EVIL}]),
    )
    yield
    for table in ("parity_tallies", "parity_writes", "ownership_changes"):
        system.run(f"DELETE FROM {table} WHERE domain = 'downloads'")


@pytest.mark.parametrize("page", ["domains/downloads", "changes", ""])
def test_nothing_hostile_is_carried_out(
    visitor: httpx.Client, evil: None, system: System, page: str
) -> None:
    looks_until(visitor, "domains/downloads", "another ")
    text = visitor.get(page).text
    assert "<script>alert" not in text
    assert "7 * 7" in text or page == ""


def looks_until(visitor: httpx.Client, page: str, text: str) -> str:
    """Pages may be some seconds old."""
    while text not in (found := visitor.get(page).text):
        pass
    return found


def test_differences_are_shown_side_by_side(visitor: httpx.Client, evil: None) -> None:
    text = looks_until(visitor, "domains/downloads", "another ")
    assert "100 compared, 60 alike" in text
    assert "<ins>another " in text
    assert "differs</b> in 40 of 100" in text


def test_figures_of_the_last_minute(system: System, visitor: httpx.Client) -> None:
    """One native and one legacy row of thirty seconds ago, of a domain that nobody asks for."""
    for side, requests, errors, bucket in (("native", 30, 1, 4), ("legacy", 60, 0, 8)):
        buckets = [requests if place == bucket else 0 for place in range(BUCKETS)]
        system.run(
            "INSERT INTO traffic VALUES (now() - interval '30 seconds', 't', 'users', %s, %s, %s,"
            " 1.5, %s)",
            *(side, requests, errors, buckets),
        )
    while (found := user_domain(visitor))["native"]["requests"] != 30:
        pass
    system.run("DELETE FROM traffic WHERE worker = 't'")
    assert found["share"] == pytest.approx(1 / 3)
    assert found["native"]["errors"] == 1
    assert found["native"]["p50_seconds"] == pytest.approx(0.0175)
    assert found["native"]["p95_seconds"] == pytest.approx(0.01 + 0.015 * 0.95)
    assert found["legacy"]["p50_seconds"] == pytest.approx(0.375)


def user_domain(visitor: httpx.Client) -> dict[str, Any]:
    domains = visitor.get("api/overview").json()["domains"]
    found: dict[str, Any] = next(one for one in domains if one["domain"] == "users")
    return found


def events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


@pytest.mark.usefixtures("back_to_legacy")
def test_events_bring_the_page_and_then_what_has_changed(
    system: System, visitor: httpx.Client
) -> None:
    with visitor.stream("GET", "events?window=1h") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        stream = events(answer)
        name, first = next(stream)
        assert name == "cells"
        assert {"at", "notices", "total.rate", "plot.rate", "downloads.phase"} <= first.keys()
        assert '<span class="has">legacy</span>' in first["downloads.phase"]
        with with_token(system) as other:
            other.post("domains/downloads/change", data={"phase": "reads"})
        cells: dict[str, str] = {}
        said = ""
        while not said:
            name, content = next(stream)
            if name == "said":
                said = content
            else:
                cells |= content
        assert "downloads is in phase reads now." in said
        assert '<span class="has">reads</span>' in cells["downloads.phase"]
        assert "users.phase" not in cells


def test_events_of_one_domain(visitor: httpx.Client) -> None:
    with visitor.stream("GET", "events?domain=downloads") as answer:
        _, first = next(events(answer))
    assert "downloads.phase" in first
    assert not any(key.startswith("users.") for key in first)


@pytest.mark.parametrize(
    ("path", "status"), [("events?domain=unheard_of", 404), ("events?window=fortnight", 400)]
)
def test_events_that_there_are_not(visitor: httpx.Client, path: str, status: int) -> None:
    assert visitor.get(path).status_code == status


def test_events_are_for_operators(system: System) -> None:
    with client(system) as nobody:
        assert nobody.get("events").status_code == 401


def test_so_many_may_look_on(system: System) -> None:
    """24 in each of the two workers; who comes when all are taken is told so."""
    with with_token(system) as visitor:
        answers: list[httpx.Response] = []
        refused = None
        while refused is None:
            assert len(answers) <= 48
            request = visitor.build_request("GET", "events")
            answer = visitor.send(request, stream=True)
            if answer.status_code == 503:
                refused = answer
            else:
                answers.append(answer)
        assert refused.headers["retry-after"] == "30"
        assert len(answers) >= 24
        for answer in [*answers, refused]:
            answer.close()


def test_a_faulty_file_is_shown_with_its_faults(system: System, visitor: httpx.Client) -> None:
    file = system.folder / "routing.yaml"
    file.write_text(ROUTING.replace("phase: legacy", "phase: legcy", 1))
    try:
        text = looks_until(visitor, "", "the last good table stays in force")
        assert "routing.yaml:5:" in text
        assert visitor.get("api/overview").json()["routing"]["faults"] != []
    finally:
        file.write_text(ROUTING)
    while visitor.get("api/overview").json()["routing"]["faults"]:
        pass


def test_the_record_has_pages(system: System, visitor: httpx.Client) -> None:
    ((first,),) = system.run(
        "WITH made AS (INSERT INTO ownership_changes"
        " (domain, action, before, after, made_by, why, result, reason, steps)"
        " SELECT 'banners', 'drop', '', '', 'somebody', 'number ' || n, 'done', '', '[]'"
        " FROM generate_series(1, 120) AS n RETURNING id) SELECT min(id) FROM made"
    )
    assert isinstance(first, int)
    newest = looks_until(visitor, "changes", "number 120<")
    assert "number 71<" in newest
    assert "number 70<" not in newest
    older = visitor.get(f"changes?before={first + 70}").text
    assert "number 70<" in older
    assert "number 71<" not in older
    assert f'href="/__strangler__/changes?before={first + 70}" rel="next"' in newest
    found = visitor.get("api/changes").json()
    assert (len(found["changes"]), found["before"]) == (50, first + 70)
    system.run("DELETE FROM ownership_changes WHERE domain = 'banners'")


def test_legacy_urls_are_placed_aside(visitor: httpx.Client) -> None:
    """All of the bundled site's; none of them is answered natively while the phase is legacy."""
    while (found := visitor.get("api/overview").json()["progress"]["patterns"]) is None:
        pass
    assert found["done"] == 0
    assert found["of"] > 500
