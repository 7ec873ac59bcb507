"""Both sides over one legacy database: the bundled site with its probes, and their native twins."""

from collections.abc import AsyncIterator
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
from tests.ported_domains.shared.visitors.twins import Side, Twins
from tests.ported_domains.wire import native_site


@pytest_asyncio.fixture(scope="session")
async def twins(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Twins]:
    folder = tmp_path_factory.mktemp("twins")
    database = stack.create_database("twins", template=legacy_template)
    site = LegacySite(database, folder, options={"LEGACY_PROBES": "1"})
    site.start()
    settings = Settings(
        legacy_secret_key=SecretStr(SECRET_KEY),
        legacy_manifest=site.manifest(folder / "manifest.json"),
        legacy_database_url=SecretStr(database),
        mail_url=SecretStr((folder / "mails").as_uri()),
    )
    engine = open_engine(database, pool_size=4, name="twins")
    manifest = reading.load(settings.legacy_manifest or Path())
    contracts = contracts_of(settings, manifest, engine, None)
    assert contracts is not None
    accounts = accounts_of(settings, manifest, contracts, None)
    tables = stack.create_database("twins_native", template=native_template)
    async with native_site(
        tables,
        database,
        domains=(*DOMAINS.values(), PROBES),
        trusts_peers=True,
        contracts=contracts,
        accounts=accounts,
    ) as native:
        yield Twins(Side("legacy", site.url, database), Side("native", native.url, database))
    contracts.passwords.close()
    await engine.dispose()
    site.stop()
