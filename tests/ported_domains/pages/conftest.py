"""Django and the native side over copies of the same rows; the native side owns its own."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
import pytest_asyncio

from legacy_bridge.replication.copy import copy_domains
from legacy_bridge.replication.owners import Owner, write_owner
from ported_domains.look import look_of
from ported_domains.registry import mappings
from proxy.databases import open_engine
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.downloads_writes.both import Side
from tests.ported_domains.pages.sides import Both, legacy_tables, native_tables
from tests.ported_domains.users.accounts.agreed import contracts_of
from tests.ported_domains.wire import client_of, native_site
from tests.proxy.telling import bundled

ODD_PATHS = (
    "box/no-such-box",
    "downloads/no-such-system",
    "api/v1/downloads/os/999",
    "api/v2/downloads/os/999",
    "scripts/stored/this/",
)
"""Of pages that no editor's form makes: where a view finds nothing, and with a slash at the end."""


@pytest.fixture(scope="session")
def pages_site(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    """The bundled site, whose pages are written here."""
    url = stack.create_database("pages_legacy", template=legacy_template)
    with psycopg.connect(url) as legacy:
        for path in ODD_PATHS:
            legacy.execute(
                "INSERT INTO pages_page (created, updated, title, keywords, description, path,"
                " content, content_markup_type, _content_rendered, is_published, content_type,"
                " template_name) SELECT created, updated, title, keywords, description, %s,"
                " content, content_markup_type, _content_rendered, true, 'text/html', ''"
                " FROM pages_page WHERE path = 'about/help'",
                (path,),
            )
    site = LegacySite(url, tmp_path_factory.mktemp("pages"), throttling=False)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def pages_native(stack: EmbeddedStack, native_template: str, pages_site: LegacySite) -> str:
    """Native tables with a copy of its rows; pages and releases are owned by the native side."""
    url = stack.create_database("pages_native", template=native_template)
    assert copy_domains(pages_site.database_url, url, mappings()).equal
    with psycopg.connect(url) as native:
        for domain in ("pages", "downloads"):
            write_owner(native, domain, Owner.NATIVE)
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def both_sides(pages_site: LegacySite, pages_native: str) -> AsyncIterator[Both]:
    engine = open_engine(pages_site.database_url, pool_size=2, name="pages")
    contracts = contracts_of(engine)
    with (
        psycopg.connect(pages_site.database_url) as legacy_rows,
        psycopg.connect(pages_native) as native_rows,
    ):
        async with (
            native_site(
                pages_native,
                pages_site.database_url,
                look=look_of(bundled({})),
                contracts=contracts,
            ) as native,
            client_of(pages_site.url) as legacy_client,
            client_of(native.url) as native_client,
        ):
            yield Both(
                Side(legacy_client, legacy_rows, legacy_tables()),
                Side(native_client, native_rows, native_tables()),
                (legacy_client, native_client),
            )
    contracts.passwords.close()
    await engine.dispose()


@pytest.fixture
def both(both_sides: Both) -> Iterator[Both]:
    yield both_sides
    both_sides.rewind()
