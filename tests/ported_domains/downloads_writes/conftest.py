"""Django and the native side over copies of the same rows; the native side owns its own."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest
import pytest_asyncio

from legacy_bridge.replication.owners import Owner, write_owner
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.conftest import copy_downloads
from tests.ported_domains.downloads_writes.both import Both, Side, legacy_tables, native_tables
from tests.ported_domains.wire import client_of, native_site


@pytest.fixture(scope="session")
def written_site(
    stack: EmbeddedStack, legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    """The bundled site, whose releases are written here."""
    url = stack.create_database("written_legacy", template=legacy_template)
    site = LegacySite(url, tmp_path_factory.mktemp("written"), throttling=False)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def written_native(stack: EmbeddedStack, native_template: str, written_site: LegacySite) -> str:
    """Native tables with a copy of its rows, owned by the native side."""
    url = stack.create_database("written_native", template=native_template)
    copy_downloads(written_site.database_url, url)
    with psycopg.connect(url) as native:
        write_owner(native, "downloads", Owner.NATIVE)
    return url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def both_sides(written_site: LegacySite, written_native: str) -> AsyncIterator[Both]:
    with (
        psycopg.connect(written_site.database_url) as legacy_rows,
        psycopg.connect(written_native) as native_rows,
    ):
        async with (
            native_site(written_native, written_site.database_url) as native,
            client_of(written_site.url) as legacy_client,
            client_of(native.url) as native_client,
        ):
            yield Both(
                Side(legacy_client, legacy_rows, legacy_tables()),
                Side(native_client, native_rows, native_tables()),
            )


@pytest.fixture
def both(both_sides: Both) -> Iterator[Both]:
    yield both_sides
    both_sides.rewind()
