"""One system for all tests of the console in a file run; whoever changes phases puts them back."""

from collections.abc import Iterator

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.proxy.console.people import put_back
from tests.proxy.console.system import System, running


@pytest.fixture(scope="session")
def system(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("console")
    legacy = stack.create_database("console_legacy", template=legacy_template)
    native = stack.create_database("console_native")
    with running(folder, legacy, native) as started:
        yield started
    drop_slots(legacy)
    drop_slots(native)


@pytest.fixture
def back_to_legacy(system: System) -> Iterator[None]:
    """A test that fails halfway does not leave its phase to all that follow."""
    yield
    put_back(system)
