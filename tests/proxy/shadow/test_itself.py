"""The bundled site in shadow of itself: whatever differs is a false alarm."""

from collections.abc import Iterator
from itertools import cycle

import httpx
import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.longer import LONGER
from tests.proxy.shadow.system import System, system

ROUTING = """version: 1
gates: off
domains:
  downloads:
    phase: shadow
    routes: [/**, /downloads/**, /api/**, /accounts/**, /probes/**]
"""
PAGES = (
    *("/", "/downloads/", "/downloads/feed.rss", "/downloads/operating-systems/", "/doc/"),
    *("/api/v2/downloads/os/", "/api/v2/downloads/release/?page=1", "/box/none/", "/nothing/here/"),
    # tokens, the time, chance
    *("/accounts/login/", "/probes/form/", "/probes/session/expiry/", "/probes/clock/"),
    *("/probes/dice/", "/probes/quotation/"),
)
LOOK_EVERY = 40


@pytest.fixture(scope="module")
def mirrored(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("mirrored")
    templates = (legacy_template, native_template)
    with system(stack, *templates, folder, ROUTING, manifest=False) as running:
        running.wrong(itself=running.site.url)
        yield running


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("number", [300, pytest.param(5000, marks=LONGER)])
def test_no_false_alarms(mirrored: System, number: int) -> None:
    mirrored.forget()
    with httpx.Client(base_url=mirrored.url, trust_env=False, timeout=30) as visitor:
        pages = cycle(PAGES)
        while mirrored.parity().totals()["asked"] < number:
            for _ in range(LOOK_EVERY):
                assert visitor.get(next(pages)).headers["strangler-owner"] == "legacy"
    parity = mirrored.parity()
    differing = [
        (path, found.differing, tally.compared, tally.noisy.get(path), tally.repeated)
        for tally in parity
        for path, found, verdict in tally.verdicts()
        if verdict.shown
    ]
    assert differing == []
    assert parity.equal
    assert parity.totals()["failed"] == parity.totals()["left"] == 0
    assert any(tally.noisy for tally in parity)  # the pages do differ from themselves
