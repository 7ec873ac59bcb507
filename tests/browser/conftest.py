"""A real browser, and the whole system before it: Django, the databases, `strangler serve`."""

import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy
from proxy.embedded.child import on_free_port
from tests.browser.system import Person, System, add_person, routing

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PATIENCE = 20_000
"""Milliseconds that a page may take: a password costs a second of a busy processor."""
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium is installed: none of {', '.join(NAMES)} is on PATH")
    return found


@pytest_asyncio.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Headless; without its own sandbox, which it refuses to run with as root."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        yield running
        await running.close()


@pytest.fixture(scope="session")
def started(
    chromium: str,
    legacy_site: LegacySite,
    native_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """`chromium` is asked for first: nothing is started for tests that are skipped."""
    folder = tmp_path_factory.mktemp("browser")
    file, mails = folder / "routing.yaml", folder / "mails"
    file.write_text(routing("native"))
    settings = {
        "STRANGLER_LEGACY_URL": legacy_site.url,
        "STRANGLER_LEGACY_DATABASE_URL": legacy_site.database_url,
        "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
        "STRANGLER_LEGACY_MANIFEST": str(legacy_site.manifest(folder / "manifest.json")),
        "STRANGLER_DATABASE_URL": native_database_url,
        "STRANGLER_MAIL_URL": f"file://{mails}",
        "STRANGLER_ROUTING": str(file),
    }
    # One worker: as soon as one answer shows a flip, it is in force.
    proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port, workers=1))
    yield System(proxy.url, file, mails, legacy_site.database_url)
    proxy.close()


@pytest_asyncio.fixture
async def system(started: System) -> AsyncIterator[System]:
    """With the account pages native, whatever the test before wanted."""
    await started.accounts_become("native")
    yield started


@pytest.fixture
def visitor(started: System) -> Person:
    return add_person(started.database_url, f"at_a_browser_{next(_NUMBERS)}", like="u1_1")


@pytest.fixture
def staff(started: System) -> Person:
    """May do everything in the admin."""
    return add_person(started.database_url, f"at_a_browser_{next(_NUMBERS)}", like="admin1")


@pytest_asyncio.fixture
async def context(browser: Browser, system: System) -> AsyncIterator[BrowserContext]:
    """Cookies and cache of somebody who was never here."""
    fresh = await browser.new_context(base_url=system.url)
    fresh.set_default_timeout(PATIENCE)
    yield fresh
    await fresh.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()
