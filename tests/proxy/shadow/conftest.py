"""One running system for the tests of a file."""

from collections.abc import Iterator

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.proxy.shadow.system import System, system


@pytest.fixture(scope="module")
def shadowed(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """The domain downloads is in shadow, and all of its requests are compared."""
    folder = tmp_path_factory.mktemp("shadowed")
    with system(stack, legacy_template, native_template, folder) as running:
        yield running
