"""What `legacy:` of routing.yaml says about upstreams: values, short forms, remedies."""

import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import (
    booleans,
    dictionaries,
    floats,
    integers,
    lists,
    none,
    recursive,
    sampled_from,
    text,
)

from proxy.routing.config import PARTS, BreakerConfig, HealthConfig, LegacyConfig
from proxy.routing.parse import RoutingError, parse


def legacy(*lines: str) -> LegacyConfig:
    text = "".join(f"  {line}\n" for line in lines)
    return parse(f"version: 1\nlegacy:\n{text}", ()).legacy


def remedies(*lines: str) -> list[str]:
    with pytest.raises(RoutingError) as caught:
        legacy(*lines)
    return [fault.remedy for fault in caught.value.faults]


def test_what_holds_when_nothing_is_written() -> None:
    written = parse("version: 1\n", ()).legacy
    assert (written.urls, written.health) == (None, None)
    assert (written.pool, written.waiting, written.keepalive) == (100, 1000, 1.5)
    assert written.retry_budget == 20
    assert written.breaker == BreakerConfig(failures=5, open=1.0)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://10.0.0.7:8001", "http://10.0.0.7:8001"),
        ("http://Legacy.Internal:80/", "http://legacy.internal"),
        ("https://legacy:443", "https://legacy"),
        ("https://legacy:80", "https://legacy:80"),
        ("http://web_1:08001", "http://web_1:8001"),
        ("http://[FE80::1]:8001/", "http://[fe80::1]:8001"),
    ],
)
def test_urls_have_one_form(written: str, url: str) -> None:
    assert legacy(f"urls: ['{written}']").urls == (url,)


def test_urls_keep_their_order() -> None:
    assert legacy("urls: [http://b, http://a]").urls == ("http://b", "http://a")


def test_health_by_its_path() -> None:
    expected = HealthConfig(
        path="/health/", interval=5, timeout=2, failures=2, successes=1, status=200
    )
    assert legacy("health: /health/").health == expected
    assert legacy("health: {path: /health/}").health == expected


def test_health_and_breaker_in_full() -> None:
    written = legacy(
        "health: {path: '/up?x=1', interval: 500ms, timeout: 1, failures: 3, successes: 2, "
        "status: 204}",
        "breaker: {failures: 1, open: 2m}",
    )
    assert written.health == HealthConfig(
        path="/up?x=1", interval=0.5, timeout=1.0, failures=3, successes=2, status=204
    )
    assert written.breaker == BreakerConfig(failures=1, open=120.0)


def test_remedies() -> None:
    assert remedies(
        "urls: [http://a, a:8001, http://a:80]",
        "pool: 0",
        "breaker: {failurs: 5, failures: 0}",
        "health: {path: , interval: , status: '200', timout: 1}",
    ) == [
        "write for example http://10.0.0.7:8001",
        "keep one of them",
        "write at least 1",
        "did you mean failures? known are failures, open",
        "write 1 to 1000",
        "write for example path: /health/",
        "write for example interval: 5s",
        "write one from 200 to 599",
        "did you mean timeout? known are path, interval, timeout, failures, successes, status",
    ]
    assert remedies("health: {}") == ["add path: /health/"]
    assert remedies("health:") == ["write for example health: /health/"]
    assert remedies("urls: [https://a, http://b]") == ["use http or https for all"]


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(RoutingError) as caught:
        legacy("urls: ['http://me:secret@legacy']")
    assert "secret" not in str(caught.value)


KEYS = sampled_from([*LegacyConfig.model_fields, *HealthConfig.model_fields, "open", "unknown"])
VALUES = recursive(
    none() | booleans() | integers() | floats() | text() | sampled_from(["1s", "/", "http://a"]),
    lambda inner: lists(inner, max_size=3) | dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_is_written_is_read_or_refused(written: dict[str, object]) -> None:
    with suppress(RoutingError):
        parse(json.dumps({"version": 1, "legacy": written}), ())


DOCS = (Path(__file__).parents[3] / "docs" / "upstreams.md").read_text()


def test_the_docs_name_every_key() -> None:
    parts = {
        f"{location[1]}.{key}"
        for location, model in PARTS.items()
        if location[0] == "legacy"
        for key in model.model_fields
    }
    named = re.findall(r"^\| `([a-z_.]+)` \|", DOCS, re.MULTILINE)
    assert sorted(named) == sorted(LegacyConfig.model_fields.keys() | parts)


def test_the_docs_show_what_holds_when_nothing_is_written() -> None:
    short, full = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    urls = ("http://10.0.0.7:8001", "http://10.0.0.8:8001")
    expected = LegacyConfig(urls=urls, health=HealthConfig(path="/health/"))
    assert parse(short, ()).legacy == parse(full, ()).legacy == expected
