"""Manifests of two projects, from their own exporter."""

import pytest

from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import parse
from tests.legacy_bridge.manifest.exporting import BUNDLED, ODD, exported


@pytest.fixture(scope="session")
def odd() -> Manifest:
    """A made-up project that is all odd."""
    return parse(exported(ODD))


@pytest.fixture(scope="session")
def bundled() -> Manifest:
    """The bundled site."""
    return parse(exported(BUNDLED))
