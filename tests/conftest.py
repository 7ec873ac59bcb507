"""What tests stand on: real servers, started when the first test asks for them."""

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import psycopg
import pytest
import trustme
from hypothesis import HealthCheck, settings

from legacy_bridge.replication.copy import copy_domains
from legacy_site.load_dataset import load
from migrations.upgrade import connect, upgrade
from ported_domains.registry import mappings
from proxy.demo.parts import OFFLINE, LegacySite
from proxy.embedded.stack import EmbeddedStack
from proxy.starting import uncollected
from tests.folders import temporary_folders_in_memory
from tests.longer import shorter
from tests.longest import longest_first
from tests.made_once import made_once
from tests.measured import measure_processes_of
from tests.named_postgres import use_named_postgres

SHARED = Path(__file__).resolve().parents[2] / "shared"
SERVER = {
    # It would go round through the databases of all the tests before.
    "autovacuum": "off",
    # The log may be kept in memory.
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
}
settings.register_profile(
    "ours",
    # How long one of them takes says more of what else the machine does than of what is tested.
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=shorter(100, 30),
    # Of the same commit the short form says the same; the long one looks where nobody looked yet.
    derandomize=shorter(False, True),
)
settings.load_profile("ours")

IN_MEMORY = pytest.StashKey[Path | None]()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.update(OFFLINE)
    use_named_postgres()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # those have what the one that starts them has
        config.stash[IN_MEMORY] = temporary_folders_in_memory()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Every worker has all files and items of all, for the whole run."""
    with uncollected():
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items, Path(__file__).parent)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    measure_processes_of(item.path)


def pytest_unconfigure(config: pytest.Config) -> None:
    if folder := config.stash.get(IN_MEMORY, None):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """In place of all that the world trusts: every client of httpx reads them, and no test asks
    anybody whom they vouch for."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    trustme.CA().cert_pem.write_to_path(str(file))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("certifi.where", lambda: str(file))
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator[EmbeddedStack]:
    """Embedded PostgreSQL (`wal_level=logical`) and Redis, of this test run alone."""
    folder = Path(tempfile.mkdtemp(prefix="strangler-"))
    folder.chmod(0o711)  # PostgreSQL may run as another account, which has to get in
    running = EmbeddedStack(folder, durable=False, options=SERVER)
    try:
        quicken_passwords(running.postgres_url("postgres"))
        yield running
    finally:
        running.delete()


def quicken_passwords(url: str) -> None:
    """Connections by the thousand: proving to know the password need not be hard each time."""
    with psycopg.connect(url) as connection:
        if connection.info.server_version < 160_000:
            return  # there is no such setting yet
        connection.execute("SET scram_iterations = 1")
        change = psycopg.sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}")
        connection.execute(change.format(psycopg.sql.Literal(connection.info.password)))


@pytest.fixture(scope="session")
def empty_legacy_template(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with every table of the legacy site, and whatever `migrate` puts in."""

    def migrate(url: str) -> None:
        LegacySite(url, tmp_path_factory.mktemp("migrate")).manage("migrate")

    made_once(stack, "legacy_tables", migrate, tmp_path_factory)
    return "legacy_tables"


@pytest.fixture(scope="session")
def legacy_template(
    stack: EmbeddedStack, empty_legacy_template: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Name of a database with the legacy site's own small data set; nobody is connected to it."""

    def seed(url: str) -> None:
        LegacySite(url, tmp_path_factory.mktemp("seed")).manage("seed")

    made_once(stack, "legacy_seeded", seed, tmp_path_factory, empty_legacy_template)
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
