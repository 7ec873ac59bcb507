"""The native side with all rows of the shared data set or of the bundled site, for tests that only
ask."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from legacy_bridge.replication.copy import copy_domains
from ported_domains.registry import mappings
from proxy.databases import open_engine
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.bundled import BundledSides
from tests.ported_domains.golden import ROLES, DatasetSite, signed_in
from tests.ported_domains.users.accounts.agreed import contracts_of
from tests.ported_domains.wire import native_site


@pytest.fixture(scope="session")
def whole_dataset_url(stack: EmbeddedStack, dataset_database_url: str, native_template: str) -> str:
    """A native database with a copy of every domain."""
    native = stack.create_database("native_whole_dataset", template=native_template)
    assert copy_domains(dataset_database_url, native, mappings()).equal
    return native


@pytest_asyncio.fixture(scope="session")
async def dataset_site(
    stack: EmbeddedStack, whole_dataset_url: str, dataset_database_url: str
) -> AsyncIterator[DatasetSite]:
    """It knows its visitors by their sessions. The data set itself is copied by others, which
    nobody may be connected to then."""
    name = dataset_database_url.rpartition("/")[2]
    legacy = stack.create_database("dataset_asked", template=name)
    cookies = dict(zip(ROLES, signed_in(legacy, [*ROLES.values()]), strict=True))
    engine = open_engine(legacy, pool_size=4, name="dataset")
    contracts = contracts_of(engine)
    async with native_site(whole_dataset_url, legacy, contracts=contracts) as site:
        yield DatasetSite(site, cookies)
    contracts.passwords.close()
    await engine.dispose()


@pytest.fixture(scope="session")
def bundled_native_url(stack: EmbeddedStack, legacy_database_url: str, native_template: str) -> str:
    """A native database with a copy of every domain of the running bundled site."""
    native = stack.create_database("native_bundled", template=native_template)
    assert copy_domains(legacy_database_url, native, mappings()).equal
    return native


@pytest_asyncio.fixture(scope="session")
async def bundled_sides(
    legacy_site: LegacySite, bundled_native_url: str
) -> AsyncIterator[BundledSides]:
    """Both know visitors by the same sessions."""
    database = legacy_site.database_url
    [staff] = signed_in(database, ["admin1"])
    engine = open_engine(database, pool_size=4, name="bundled")
    contracts = contracts_of(engine)
    async with native_site(bundled_native_url, database, contracts=contracts) as native:
        yield BundledSides(legacy_site.url, native, {"staff": staff})
    contracts.passwords.close()
    await engine.dispose()
