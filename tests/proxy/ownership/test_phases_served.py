"""Phases as visitors and operators see them: a whole system, whose file is edited and flipped."""

import json
from collections.abc import Iterator
from time import sleep

import httpx
import psycopg
import pytest

from loadtests.replicas import Replicas, replicas
from proxy.demo.parts import strangler

PAGE = "/downloads/operating-systems/"
VISITORS = 60
GATES = "{samples: 20, parity: 50}"


@pytest.fixture(scope="module")
def system() -> Iterator[Replicas]:
    with replicas(1, 2, gates=GATES) as running:
        strangler("sync", "verify", settings=running.settings, folder=running.folder)
        yield running


def owner(system: Replicas, number: int, cookies: dict[str, str] | None = None) -> httpx.Response:
    """What a visitor gets; each has a browser of their own."""
    return httpx.get(
        system.proxies[0].url + PAGE,
        headers={"User-Agent": f"browser {number}"},
        cookies=cookies,
        trust_env=False,
        timeout=30,
    )


def natives(system: Replicas) -> set[int]:
    return {
        number
        for number in range(VISITORS)
        if owner(system, number).headers["strangler-owner"] == "native"
    }


def status(system: Replicas) -> dict[str, str]:
    said = strangler("status", "--json", settings=system.settings, folder=system.folder)
    (found,) = (one for one in json.loads(said)["domains"] if one["domain"] == "downloads")
    return {name: found[name] for name in ("wanted", "has", "reason")}


def test_what_has_not_been_compared_goes_no_further(system: Replicas) -> None:
    said = system.flip("reads")
    assert (said["done"], said["phase"]) == (False, "legacy")
    assert "shadow" in said["reason"]
    assert natives(system) == set()
    found = status(system)
    assert (found["wanted"], found["has"]) == ("reads", "legacy")
    assert "shadow" in found["reason"]


def test_force_passes_the_gates_and_the_canary_keeps_its_visitors(system: Replicas) -> None:
    assert system.flip("canary", "--weight", "30", "--force")["phase"] == "canary 30 %"
    few = natives(system)
    assert 5 <= len(few) <= 35  # 18 of 60, by chance of the names
    assert natives(system) == few
    assert system.flip("canary", "--weight", "70", "--force")["phase"] == "canary 70 %"
    many = natives(system)
    assert few < many
    chosen = owner(system, min(many - few))
    (name,) = chosen.cookies
    assert name == "strangler_canary_downloads"
    cookies = dict(chosen.cookies)
    # Less needs no gate; whoever has the cookie stays.
    assert system.flip("canary", "--weight", "30")["done"]
    assert natives(system) == few
    assert owner(system, min(many - few), cookies).headers["strangler-owner"] == "native"
    # And everybody is back where they were, at once, when the file takes it back.
    assert system.flip("shadow")["done"]
    assert natives(system) == set()
    assert owner(system, min(many), cookies).headers["strangler-owner"] == "legacy"


def test_a_write_goes_to_the_legacy_side_whoever_makes_it(system: Replicas) -> None:
    assert system.flip("canary", "--weight", "100", "--force")["done"]
    assert owner(system, 1).headers["strangler-owner"] == "native"
    written = httpx.post(system.proxies[0].url + PAGE, trust_env=False, timeout=30)
    assert written.headers["strangler-owner"] == "legacy"
    assert system.flip("legacy")["done"]


def test_retired_is_for_good(system: Replicas) -> None:
    """The last test of this system, as nothing leads back: no edit, whatever it wants."""
    assert system.flip("native", "--force")["done"]
    said = strangler(
        *("retire", "downloads", "--yes", "--json"),
        settings=system.settings,
        folder=system.folder,
    )
    told = json.loads(said.splitlines()[-1])
    assert (told["done"], told["phase"], told["left"]) == (True, "retired", [])
    file = system.folder / "routing.yaml"
    file.write_text(file.read_text().replace("phase: retired", "phase: legacy"))
    while not refused_edits(system):
        sleep(0.05)
    found = status(system)
    assert (found["wanted"], found["has"]) == ("legacy", "retired")
    assert "no phase leads back" in found["reason"]
    assert owner(system, 1).headers["strangler-owner"] == "native"
    written = httpx.post(system.proxies[0].url + PAGE, trust_env=False, timeout=30)
    assert written.headers["strangler-owner"] == "native"
    missing = httpx.get(
        system.proxies[0].url + "/downloads/release/none/", trust_env=False, timeout=30
    )
    assert (missing.status_code, missing.headers["strangler-owner"]) == (404, "native")


def refused_edits(system: Replicas) -> int:
    """How often whoever leads has refused what the file wants of a retired domain."""
    with psycopg.connect(system.settings["STRANGLER_DATABASE_URL"]) as native:
        found = native.execute(
            "SELECT count(*) FROM ownership_changes"
            " WHERE action = 'let' AND before = 'retired' AND result = 'refused'"
        ).fetchone()
    return found[0] if found else 0
