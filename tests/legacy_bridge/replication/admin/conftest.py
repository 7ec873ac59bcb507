"""The bundled site with streams both ways, started once for all tests here."""

from collections.abc import Iterator

import pytest

from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.admin.bridged import BridgedSite, bridged_site
from tests.legacy_bridge.replication.admin.databases import make
from tests.legacy_bridge.replication.conftest import drop_slots


@pytest.fixture(scope="session")
def bridged(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[BridgedSite]:
    """Django, `strangler sync run`, and the two databases with the site's own rows."""
    legacy, native = make(stack, legacy_template, native_template)
    with bridged_site(legacy, native, tmp_path_factory.mktemp("bridged")) as site:
        yield site
    for url in (legacy, native):
        drop_slots(url)
