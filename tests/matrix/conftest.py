"""Both sides over one legacy database: the bundled site under a real Django, and the native app
that works by the manifest which that Django wrote."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis

from legacy_bridge.manifest import reading
from ported_domains.users import USERS
from proxy.accounts import accounts_of
from proxy.contracts import contracts_of
from proxy.databases import open_engine
from proxy.demo.parts import SECRET_KEY, LegacySite
from proxy.embedded.stack import EmbeddedStack
from proxy.settings import Settings
from tests.matrix.environments import OWN, VERSIONS, interpreter
from tests.ported_domains.probes import PROBES
from tests.ported_domains.users.accounts.sides import Side
from tests.ported_domains.wire import client_of, native_site


@dataclass(frozen=True)
class World:
    """A version of Django, and where it keeps sessions; `redis` where its cache is there."""

    django: str = OWN
    engine: str = "db"
    redis: bool = False

    def __str__(self) -> str:
        return f"{self.django}-{self.engine}{'-redis' if self.redis else ''}"


ENGINES = (
    World(engine="cached_db"),
    World(engine="cached_db", redis=True),
    World(engine="cache", redis=True),
    World(engine="signed_cookies"),
)
WORLDS = tuple(World(version) for version in VERSIONS)
if os.environ.get("STRANGLER_MATRIX_ENGINES"):
    WORLDS += ENGINES


@pytest.fixture(scope="module", params=WORLDS, ids=str)
def world(request: pytest.FixtureRequest) -> World:
    one: World = request.param
    if interpreter(one.django) is None:
        pytest.skip(f"no Python with Django {one.django} here; scripts/matrix makes one")
    return one


@pytest_asyncio.fixture(scope="module")
async def sides(
    world: World,
    stack: EmbeddedStack,
    legacy_template: str,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[dict[str, Side]]:
    """By name: `legacy` and `native`."""
    folder = tmp_path_factory.mktemp("matrix")
    name = f"matrix_{world}".replace(".", "_").replace("-", "_")
    database = stack.create_database(name, template=legacy_template)
    site = _site(world, database, folder, stack.redis_url)
    site.start()
    settings = _settings(site, folder, database)
    engine = open_engine(database, pool_size=4, name="matrix")
    redis = Redis.from_url(stack.redis_url) if world.redis else None
    manifest = reading.load(settings.legacy_manifest or Path())
    contracts = contracts_of(settings, manifest, engine, redis)
    assert contracts is not None
    accounts = accounts_of(settings, manifest, contracts, redis)
    tables = stack.create_database(f"{name}_native", template=native_template)
    async with (
        native_site(
            tables, database, domains=(USERS, PROBES), contracts=contracts, accounts=accounts
        ) as native,
        client_of(native.url) as to_native,
        client_of(site.url) as to_legacy,
    ):
        both = {
            "legacy": Side("legacy", database, site.mails, to_legacy),
            "native": Side("native", database, folder / "native mails", to_native),
        }
        yield both
        for side in both.values():
            await side.close()
    contracts.passwords.close()
    await engine.dispose()
    if redis is not None:
        await redis.aclose()
    site.stop()


@pytest.fixture(params=["legacy", "native"])
def start(request: pytest.FixtureRequest, sides: dict[str, Side]) -> Side:
    """Where something is begun."""
    return sides[request.param]


@pytest.fixture(params=["legacy", "native"])
def finish(request: pytest.FixtureRequest, sides: dict[str, Side]) -> Side:
    """Where it is gone on with."""
    return sides[request.param]


def _site(world: World, database: str, folder: Path, redis_url: str) -> LegacySite:
    options = {
        "LEGACY_PROBES": "1",
        "LEGACY_QUICK_PASSWORDS": "1",
        "LEGACY_SESSION_ENGINE": world.engine,
    }
    if world.redis:
        options["LEGACY_CACHE_URL"] = redis_url
    python = interpreter(world.django)
    assert python is not None
    return LegacySite(
        database,
        folder,
        throttling=False,
        account_limits=False,
        interpreter=python,
        options=options,
    )


def _settings(site: LegacySite, folder: Path, database: str) -> Settings:
    return Settings(
        legacy_secret_key=SecretStr(SECRET_KEY),
        legacy_manifest=site.manifest(folder / "manifest.json"),
        legacy_database_url=SecretStr(database),
        mail_url=SecretStr(f"file://{(folder / 'native mails').as_posix()}"),
    )
