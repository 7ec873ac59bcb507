"""Whether a worker keeps answers at all, and what it tells of that."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from ported_domains.shared.caching.kept import Kept, Key
from proxy.caching.worker import cache_of
from proxy.settings import Settings, SettingsError
from proxy.telemetry import AccessLog, Telemetry

NATIVE = SecretStr("postgresql://nobody@127.0.0.1:9/nothing")


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    with Path(os.devnull).open("wb") as out:
        yield Telemetry(AccessLog(out.fileno()))


def figures(telemetry: Telemetry) -> dict[str, str]:
    lines = telemetry.page().decode().splitlines()
    samples = (line.rpartition(" ") for line in lines if line.startswith("strangler_cache"))
    return {name.removeprefix("strangler_cache_"): value for name, _, value in samples}


@pytest.mark.parametrize(
    "settings", [Settings(database_url=NATIVE, cache_bytes=0), Settings(cache_bytes=1 << 20)]
)
def test_without_room_or_database_nothing_is_kept(settings: Settings, telemetry: Telemetry) -> None:
    assert cache_of(settings, telemetry) is None
    assert figures(telemetry) == {}


def test_the_figures_of_a_cache(telemetry: Telemetry) -> None:
    cache = cache_of(Settings(database_url=NATIVE, cache_bytes=1 << 20), telemetry)
    assert cache is not None
    assert figures(telemetry) == {"bytes": "0.0", "entries": "0.0", "listening": "0.0"}
    cache.pulse()
    kept = Kept(200, (), b"page", frozenset({"books"}))
    assert cache.keep(Key("http", "site", "/", b""), kept, cache.now)
    assert figures(telemetry) == {
        'total{what="kept"}': "1.0",
        "bytes": f"{kept.size}.0",
        "entries": "1.0",
        "listening": "1.0",
    }


def test_less_than_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_CACHE_BYTES", "-1")
    with pytest.raises(SettingsError, match=r"^STRANGLER_CACHE_BYTES: "):
        Settings.load()
