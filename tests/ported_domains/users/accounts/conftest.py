"""Account pages on both sides, each over a database of its own with the bundled site's rows."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from proxy.databases import open_engine
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.users.accounts.agreed import HOSTS, accounts_of, contracts_of
from tests.ported_domains.users.accounts.sides import Side
from tests.ported_domains.wire import client_of, native_site


class HostedSite(LegacySite):
    """The bundled site, which also knows what its hosts are, and so which `next` is safe."""

    def __init__(self, database_url: str, folder: Path) -> None:
        super().__init__(database_url, folder)
        self._environment["LEGACY_ALLOWED_HOSTS"] = ",".join(HOSTS)
        self._environment["LEGACY_QUICK_PASSWORDS"] = "1"


@pytest.fixture(scope="session")
def accounts_site(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    """With allauth's limits."""
    url = stack.create_database("accounts_legacy", template=legacy_template)
    site = HostedSite(url, tmp_path_factory.mktemp("accounts_legacy"))
    site.start()
    yield site
    site.stop()


@pytest_asyncio.fixture(scope="session")
async def legacy_accounts(accounts_site: LegacySite) -> AsyncIterator[Side]:
    async with client_of(accounts_site.url) as client:
        side = Side("legacy", accounts_site.database_url, accounts_site.mails, client)
        yield side
        await side.close()


@pytest_asyncio.fixture(scope="session")
async def native_accounts(
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Side]:
    url = stack.create_database("accounts_native", template=legacy_template)
    tables = stack.create_database("accounts_native_tables", template=native_template)
    mails = tmp_path_factory.mktemp("accounts_native") / "mails"
    engine = open_engine(url, pool_size=4, name="accounts")
    contracts = contracts_of(engine)
    accounts = accounts_of(contracts, mails)
    async with (
        native_site(tables, trusts_peers=True, contracts=contracts, accounts=accounts) as site,
        client_of(site.url) as client,
    ):
        side = Side("native", url, mails, client, site.pages)
        yield side
        await side.close()
    contracts.passwords.close()
    await engine.dispose()


@pytest_asyncio.fixture
async def both(legacy_accounts: Side, native_accounts: Side) -> tuple[Side, Side]:
    """For questions that both are asked, so that their answers can be compared."""
    for side in (legacy_accounts, native_accounts):
        await side.forget_limits()
        side.new_mails()
    return legacy_accounts, native_accounts


@pytest_asyncio.fixture(params=["legacy", "native"])
async def side(request: pytest.FixtureRequest, both: tuple[Side, Side]) -> Side:
    """Either one: what a test expects is what the real site does, too."""
    return next(side for side in both if side.name == request.param)


@pytest.fixture
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is sent to the native pages, nothing there fails.

    The `hostile` tests are not measured (`no_cover`): their hundreds of cases go through the lines
    that the other tests of this folder show to be run, and would take half as long again.
    """
    yield
    failures = [record for record in caplog.get_records("call") if record.exc_info]
    assert [record.getMessage() for record in failures] == []
