"""What two projects tell about themselves: the bundled site, and a made-up one that is all odd."""

import pytest

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.manifest.exporting import BUNDLED, ODD, exported


@pytest.fixture(scope="session")
def odd_text() -> bytes:
    """As the exporter writes it."""
    return exported(ODD)


@pytest.fixture(scope="session")
def odd(odd_text: bytes) -> Manifest:
    return parse(odd_text)


@pytest.fixture(scope="session")
def bundled_text() -> bytes:
    """As the exporter writes it."""
    return exported(BUNDLED)


@pytest.fixture(scope="session")
def bundled(bundled_text: bytes) -> Manifest:
    return parse(bundled_text)
