"""The operators' console in a real browser: a flip by clicking, live figures, small and dark."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from proxy.embedded.stack import EmbeddedStack
from tests.browser.console import CONTRASTS, FLAT, UNNAMED, come_in, rolled_back
from tests.legacy_bridge.replication.conftest import drop_slots
from tests.proxy.console.people import put_back
from tests.proxy.console.system import System, running

pytestmark = pytest.mark.browser

NARROW = 320
"""Pixels: the smallest telephone, or a large one at 400 %."""
LEAST_CONTRAST = 4.5
PATIENCE = 20_000
"""Milliseconds, on a busy machine."""
expect.set_options(timeout=PATIENCE)
PAGE = "/downloads/operating-systems/"
PAGES = (
    "",
    "domains/downloads",
    "domains/downloads/change?phase=native",
    "domains/downloads/repair",
    "domains/downloads/strays",
    "changes",
)


@pytest.fixture(scope="module")
def console(
    chromium: str,
    stack: EmbeddedStack,
    legacy_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[System]:
    """`chromium` is asked for first: nothing is started for tests that are skipped."""
    legacy = stack.create_database("seen_legacy", template=legacy_template)
    native = stack.create_database("seen_native")
    with running(tmp_path_factory.mktemp("seen"), legacy, native) as started:
        yield started
    drop_slots(legacy)
    drop_slots(native)


@pytest.fixture
def back_to_legacy(console: System) -> Iterator[None]:
    """A test that fails halfway does not leave its phase to all that follow."""
    yield
    put_back(console)


@pytest_asyncio.fixture
async def context(browser: Browser, console: System) -> AsyncIterator[BrowserContext]:
    fresh = await browser.new_context(base_url=console.url)
    fresh.set_default_timeout(PATIENCE)
    yield fresh
    await fresh.close()


@pytest_asyncio.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """Of somebody who came in with a token. Nothing may be refused by the page's own policy."""
    found = await context.new_page()
    complaints: list[str] = []
    found.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    found.on("pageerror", lambda error: complaints.append(str(error)))
    await come_in(found)
    yield found
    assert complaints == []


@asynccontextmanager
async def visitors(console: System) -> AsyncIterator[None]:
    """Somebody asks for pages of the domain, again and again."""
    async with httpx.AsyncClient(base_url=console.proxy.url, trust_env=False, timeout=30) as client:

        async def ask() -> None:
            while True:
                await client.get(PAGE)
                await asyncio.sleep(0.02)

        task = asyncio.create_task(ask())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def comes_from(client: httpx.AsyncClient, owner: str) -> None:
    """The worker that is asked hears of a flip a moment after it is written down."""
    async with asyncio.timeout(PATIENCE / 1000):
        while (await client.get(PAGE)).headers["strangler-owner"] != owner:
            pass


@pytest.mark.usefixtures("back_to_legacy")
async def test_flip_and_roll_back_by_clicking(page: Page, console: System) -> None:
    await page.get_by_role("link", name="downloads", exact=True).click()
    await page.get_by_label("Phase", exact=True).select_option("reads")
    await page.get_by_role("button", name="Review…").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Flip downloads to reads?")
    await page.get_by_label("Why").fill("seen in a browser")
    await page.get_by_role("button", name="Flip to reads").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("downloads")
    await expect(page.locator(".standing .has")).to_have_text("reads")
    async with httpx.AsyncClient(base_url=console.proxy.url, trust_env=False, timeout=30) as client:
        await comes_from(client, "native")
        await page.get_by_role("link", name="Roll back…").click()
        await page.get_by_role("button", name="Roll back to legacy").click()
        await expect(page.locator(".standing .has")).to_have_text("legacy")
        await comes_from(client, "legacy")
    await page.get_by_role("link", name="Changes").click()
    row = page.get_by_role("row").filter(has_text="seen in a browser")
    await expect(row).to_contain_text("token drill")
    await expect(row).to_contain_text("legacy → reads")


@pytest.mark.usefixtures("back_to_legacy")
async def test_a_flip_is_seen_and_said_on_a_page_that_was_open(
    page: Page, context: BrowserContext, console: System
) -> None:
    await expect(page.locator("[data-stream]")).to_have_attribute("data-on", "yes")
    phase = page.locator("[data-cell='downloads.phase'] .has")
    await expect(phase).to_have_text("legacy")
    other = await context.new_page()
    await other.goto("domains/downloads/change?phase=reads")
    await other.get_by_role("button", name="Flip to reads").click()
    await expect(phase).to_have_text("reads")
    await expect(page.get_by_role("status")).to_contain_text("downloads is in phase reads now.")
    await rolled_back(other)
    await expect(phase).to_have_text("legacy")


async def test_the_plots_move_while_requests_run(page: Page, console: System) -> None:
    plot = page.locator("[data-cell='plot.rate']")
    line = plot.locator("path.line.legacy")
    before = await line.get_attribute("d")
    async with visitors(console):
        await expect(line).not_to_have_attribute("d", before or "")
        await expect(plot.locator(".key.legacy b")).not_to_have_text("0/s")
        first = await line.get_attribute("d")
        await expect(line).not_to_have_attribute("d", first or "")
        label = await plot.get_by_role("img").get_attribute("aria-label")
        assert label is not None
        assert label.startswith("Requests, last 5 minutes: native now ")
        await expect(page.locator("[data-cell='downloads.rate']")).not_to_have_text("0/s")


async def test_live_figures_can_be_paused(page: Page) -> None:
    at = page.locator("[data-cell='at'] time")
    await expect(page.locator("[data-state]")).to_have_text("Live")
    first = await at.text_content()
    await expect(at).not_to_have_text(first or "")
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator("[data-state]")).to_have_text("Paused")
    held = await at.text_content()
    await page.wait_for_timeout(2500)
    assert await at.text_content() == held
    await page.get_by_role("button", name="Go on").click()
    await expect(at).not_to_have_text(held or "")


@pytest.mark.parametrize("path", PAGES)
async def test_nothing_is_wider_than_a_telephone(page: Page, path: str) -> None:
    await page.set_viewport_size({"width": NARROW, "height": 640})
    await page.goto(path)
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
async def test_contrasts(page: Page, scheme: str, path: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(path)
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(247, 247, 245)", "dark": "rgb(19, 21, 23)"}[scheme]
    found = await page.evaluate(CONTRASTS)
    assert len(found) > 10
    assert [one for one in found if one["contrast"] < LEAST_CONTRAST] == []


@pytest.mark.parametrize("path", PAGES)
async def test_names_and_landmarks(page: Page, path: str) -> None:
    await page.goto(path)
    assert await page.evaluate(UNNAMED) == []
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(page.get_by_role("banner")).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.usefixtures("back_to_legacy")
async def test_by_keyboard_alone(page: Page) -> None:
    await page.goto("domains/downloads/change?phase=reads")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.innerText") == "Skip to the content"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await page.get_by_label("Why").focus()
    await page.keyboard.type("by keyboard")
    await page.keyboard.press("Enter")
    await expect(page.locator(".standing .has")).to_have_text("reads")
    await rolled_back(page)


async def test_who_wants_no_motion_sees_none(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await expect(page.locator("[data-stream]")).to_have_attribute("data-on", "yes")
    assert await page.evaluate(FLAT) == []


@pytest.mark.usefixtures("back_to_legacy")
async def test_without_a_script(browser: Browser, console: System) -> None:
    context = await browser.new_context(base_url=console.url, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    await come_in(page)
    await expect(page.locator("[data-state]")).to_have_text("As of")
    await expect(page.locator("figure svg[role=img]")).to_have_count(4)
    await page.goto("domains/downloads/change?phase=reads")
    await page.get_by_role("button", name="Flip to reads").click()
    await expect(page.locator(".standing .has")).to_have_text("reads")
    await rolled_back(page)
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_label("Token")).to_be_visible()
    await context.close()
