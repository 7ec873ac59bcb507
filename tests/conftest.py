"""What tests stand on: real servers, started when the first test asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from legacy_bridge.replication.copy import copy_domains
from legacy_site.load_dataset import load
from migrations.upgrade import connect, upgrade
from proxy.cli.sync import mappings
from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack, temporary_stack

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def stack() -> Iterator[EmbeddedStack]:
    """Embedded PostgreSQL (`wal_level=logical`) and Redis, of this test run alone."""
    with temporary_stack() as running:
        yield running


@pytest.fixture(scope="session")
def empty_legacy_template(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with every table of the legacy site, and whatever `migrate` puts in."""
    url = stack.create_database("legacy_tables")
    LegacySite(url, tmp_path_factory.mktemp("migrate")).manage("migrate")
    return "legacy_tables"


@pytest.fixture(scope="session")
def legacy_template(
    stack: EmbeddedStack, empty_legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Name of a database with the legacy site's own small data set; nobody is connected to it."""
    url = stack.create_database("legacy_seeded", template=empty_legacy_template)
    LegacySite(url, tmp_path_factory.mktemp("seed")).manage("seed")
    return "legacy_seeded"


@pytest.fixture(scope="session")
def legacy_database_url(stack: EmbeddedStack, legacy_template: str) -> str:
    """The database of the running legacy site; tests may change rows, and tidy up after."""
    return stack.create_database("legacy", template=legacy_template)


@pytest.fixture(scope="session")
def legacy_site(
    legacy_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LegacySite]:
    """The bundled Django site under gunicorn, without limits on how often one may ask."""
    folder = tmp_path_factory.mktemp("legacy")
    site = LegacySite(legacy_database_url, folder, throttling=False, account_limits=False)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def native_template(stack: EmbeddedStack) -> str:
    """Name of a native database as `strangler db upgrade` leaves it: tables without rows."""
    with connect(stack.create_database("native_tables")) as connection:
        upgrade(connection)
    return "native_tables"


@pytest.fixture(scope="session")
def native_database_url(
    stack: EmbeddedStack, native_template: str, legacy_database_url: str
) -> str:
    """A native database with a copy of the domain downloads from the running legacy site's."""
    native = stack.create_database("native", template=native_template)
    copy_downloads(legacy_database_url, native)
    return native


@pytest.fixture(scope="session")
def dataset_database_url(stack: EmbeddedStack, request: pytest.FixtureRequest) -> str:
    """The legacy tables with the shared data set; skips where that is absent."""
    dump = SHARED / "legacy" / "dataset.sql.gz"
    if not dump.exists():
        pytest.skip(f"the shared data set is not here: {dump}")
    tables: str = request.getfixturevalue("empty_legacy_template")
    url = stack.create_database("dataset", template=tables)
    load(url, dump)
    return url


@pytest.fixture(scope="session")
def native_dataset_url(
    stack: EmbeddedStack, dataset_database_url: str, native_template: str
) -> str:
    """A native database with a copy of the domain downloads from the shared data set."""
    native = stack.create_database("native_dataset", template=native_template)
    copy_downloads(dataset_database_url, native)
    return native


def copy_downloads(legacy: str, native: str) -> None:
    """What a user's first `sync run --once --domain downloads` does."""
    assert copy_domains(legacy, native, mappings("downloads")).equal
