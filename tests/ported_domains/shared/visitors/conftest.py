"""Both sides over one legacy database: the bundled site with its probes, and their native twins."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from legacy_bridge.manifest import reading
from ported_domains.registry import DOMAINS
from ported_domains.shared.visitors.contracts import Contracts
from proxy.accounts import accounts_of
from proxy.contracts import contracts_of
from proxy.databases import open_engine
from proxy.demo.parts import SECRET_KEY, LegacySite
from proxy.embedded.stack import EmbeddedStack
from proxy.settings import Settings
from tests.ported_domains.probes import PROBES
from tests.ported_domains.shared.visitors.own_pages import OWN
from tests.ported_domains.shared.visitors.twins import HOST, Side, Twins
from tests.ported_domains.wire import native_site

SITE = (*DOMAINS.values(), PROBES, OWN)


@pytest.fixture(scope="session")
def bundled(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    database = stack.create_database("twins", template=legacy_template)
    options = {"LEGACY_PROBES": "1", "LEGACY_ALLOWED_HOSTS": f"127.0.0.1,{HOST},.example.net"}
    site = LegacySite(database, tmp_path_factory.mktemp("twins"), options=options)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def agreed(bundled: LegacySite, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What the native side is told about the bundled site."""
    folder = tmp_path_factory.mktemp("agreed")
    return Settings(
        legacy_secret_key=SecretStr(SECRET_KEY),
        legacy_manifest=bundled.manifest(folder / "manifest.json"),
        legacy_database_url=SecretStr(bundled.database_url),
        mail_url=SecretStr((folder / "mails").as_uri()),
    )


@pytest_asyncio.fixture(scope="session")
async def contracts(agreed: Settings, bundled: LegacySite) -> AsyncIterator[Contracts]:
    engine = open_engine(bundled.database_url, pool_size=4, name="twins")
    manifest = reading.load(agreed.legacy_manifest or Path())
    contracts = contracts_of(agreed, manifest, engine, None)
    assert contracts is not None
    yield contracts
    contracts.passwords.close()
    await engine.dispose()


@pytest.fixture(scope="session")
def native_tables(stack: EmbeddedStack, native_template: str) -> str:
    """URL of a native database without rows."""
    return stack.create_database("twins_native", template=native_template)


@pytest_asyncio.fixture(scope="session")
async def twins(
    bundled: LegacySite, agreed: Settings, contracts: Contracts, native_tables: str
) -> AsyncIterator[Twins]:
    """Every peer is a front server of the site."""
    manifest = reading.load(agreed.legacy_manifest or Path())
    accounts = accounts_of(agreed, manifest, contracts, None)
    database = bundled.database_url
    async with native_site(
        native_tables,
        database,
        domains=SITE,
        trusts_peers=True,
        contracts=contracts,
        accounts=accounts,
    ) as native:
        yield Twins(Side("legacy", bundled.url, database), Side("native", native.url, database))


@pytest_asyncio.fixture(scope="session")
async def strangers(twins: Twins, contracts: Contracts, native_tables: str) -> AsyncIterator[Twins]:
    """The same, but the native side's peers are no servers of ours."""
    database = twins.legacy.database
    async with native_site(native_tables, database, domains=SITE, contracts=contracts) as native:
        yield Twins(twins.legacy, Side("native", native.url, database))
