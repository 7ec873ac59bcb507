"""The native pages over the rows of another side: both look at the same accounts."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.services import Accounts
from ported_domains.users.accounts.settings import AccountSettings
from proxy.databases import open_engine
from tests.ported_domains.users.accounts.agreed import ACCOUNTS, accounts_of, contracts_of
from tests.ported_domains.users.accounts.sides import Side
from tests.ported_domains.wire import client_of, native_site

Change = Callable[[Contracts, Accounts], tuple[Contracts, Accounts]]


def as_agreed(contracts: Contracts, accounts: Accounts) -> tuple[Contracts, Accounts]:
    return contracts, accounts


@asynccontextmanager
async def native_beside(
    side: Side,
    tables: str,
    folder: Path,
    settings: AccountSettings = ACCOUNTS,
    change: Change = as_agreed,
) -> AsyncIterator[Side]:
    """Mails go to the folder. `change` may give the pages other things to work with."""
    engine = open_engine(side.database, pool_size=2, name="beside")
    agreed = contracts_of(engine)
    contracts, accounts = change(agreed, accounts_of(agreed, folder, settings))
    async with (
        native_site(tables, trusts_peers=True, contracts=contracts, accounts=accounts) as site,
        client_of(site.url) as client,
    ):
        beside = Side("native", side.database, folder, client, site.pages)
        yield beside
        await beside.close()
    agreed.passwords.close()
    contracts.passwords.close()
    await engine.dispose()
