"""What a worker's native side is given beside its databases."""

import pytest

from ported_domains.shared.purging import Cdn
from proxy.native import site_cdn
from proxy.settings import Settings


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, None),
        ({"STRANGLER_FASTLY_SERVICE_ID": "abc1"}, None),
        ({"STRANGLER_FASTLY_API_KEY": "key"}, Cdn("key", None)),
        (
            {"STRANGLER_FASTLY_API_KEY": "key", "STRANGLER_FASTLY_SERVICE_ID": "abc1"},
            Cdn("key", "abc1"),
        ),
        ({"STRANGLER_FASTLY_API_KEY": "key", "STRANGLER_DEVELOPMENT": "on"}, None),
    ],
)
def test_the_cdn_is_told_with_a_key_alone(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], told: Cdn | None
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert site_cdn(Settings.load()) == told
