"""The pictures of the console in docs/: `scripts/console_shots` starts a system and takes them."""

import asyncio
import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.async_api import Browser, async_playwright

from proxy.embedded.stack import temporary_stack
from tests.browser.conftest import NAMES
from tests.browser.console import come_in
from tests.proxy.console.people import with_token
from tests.proxy.console.system import ROUTING, System, running

DOCS: Final = Path(__file__).parents[2] / "docs"
BEFORE_SECONDS, AFTER_SECONDS = 80, 100
PATHS: Final = (
    *("/downloads/", "/downloads/operating-systems/", "/downloads/feed.rss"),
    *("/api/v2/downloads/os/", "/", "/accounts/login/"),
)
VISITORS: Final = 6
GATED: Final = ROUTING.replace("gates: off\n", "")


async def visit(url: str, number: int) -> None:
    """One visitor, until cancelled."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
        while True:
            for path in PATHS[number % 3 :]:
                await client.get(path)
                await asyncio.sleep(0.05 + 0.03 * number)


def differences() -> dict[str, Any]:
    """As shadow writes them down."""

    def example(path: str, control: str, candidate: str, kind: str = "differs") -> dict[str, Any]:
        target = "/downloads/release/python-3130/"
        values = {"path": path, "kind": kind, "control": control, "candidate": candidate}
        return {"when": 1.0, "method": "GET", "target": target, **values}

    heading, cached = "html:/html/body/div[2]/main/h1", "header:cache-control"
    return {
        "domain": "downloads",
        "route": "/downloads/**",
        "asked": 2410,
        "equal": 2361,
        "left": 9,
        "failed": 0,
        "left_out": 0,
        "repeated": 480,
        "rules": {},
        "notes": {},
        "noisy": {"html:/html/body/footer[*]/p": 64},
        "paths": {
            "html:/html/body/div[*]/main/h1": {
                "differing": 31,
                "kinds": {"differs": 31},
                "examples": [example(heading, "Python 3.13.0, 7 October 2024", "Python 3.13.0")],
            },
            cached: {
                "differing": 9,
                "kinds": {"missing": 9},
                "examples": [example(cached, "max-age=300, public", "", "missing")],
            },
            "html:/html/body/footer[*]/p": {
                "differing": 260,
                "kinds": {"differs": 260},
                "examples": [],
            },
        },
    }


def flip(system: System, **form: str) -> None:
    with with_token(system) as operator:
        answer = operator.post("domains/downloads/change", data=form)
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise RuntimeError(answer.text)


def warm(system: System) -> None:
    """Each worker works out for itself, once asked, where the legacy URLs are."""
    for _ in range(8):
        with with_token(system) as operator:
            operator.get("api/overview")


async def take(browser: Browser, system: System, name: str, path: str, **looks: Any) -> None:
    context = await browser.new_context(base_url=system.url, device_scale_factor=1, **looks)
    page = await context.new_page()
    await come_in(page)
    await page.goto(path)
    await page.locator("[data-stream][data-on=yes]").wait_for()
    await page.wait_for_timeout(2500)
    await page.screenshot(path=DOCS / f"console-{name}.png", full_page=name != "phone")
    await context.close()


async def shoot(system: System, chromium: str) -> None:
    tasks = [asyncio.create_task(visit(system.proxy.url, one)) for one in range(VISITORS)]
    await asyncio.sleep(BEFORE_SECONDS)
    tally = json.dumps(differences())
    system.run(
        "INSERT INTO parity_tallies VALUES (now(), 'w', 'downloads', '/downloads/**', %s)", tally
    )
    await asyncio.to_thread(flip, system, phase="reads", force="yes", why="pages first")
    await asyncio.to_thread(warm, system)
    await asyncio.sleep(AFTER_SECONDS)
    desk, phone = {"width": 1280, "height": 800}, {"width": 360, "height": 780}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        await take(browser, system, "overview", "", viewport=desk)
        await take(browser, system, "domain", "domains/downloads", viewport=desk)
        await take(browser, system, "phone", "", viewport=phone, color_scheme="dark")
        await browser.close()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await task


def main() -> None:
    """Ends with 2 where no Chromium is installed."""
    from shutil import which

    from proxy.demo.parts import LegacySite

    chromium = next(filter(None, map(which, NAMES)), None)
    if chromium is None:
        print(f"no Chromium is installed: none of {', '.join(NAMES)} is on PATH", file=sys.stderr)
        sys.exit(2)
    with temporary_stack() as stack, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        legacy, native = stack.create_database("legacy"), stack.create_database("native")
        site = LegacySite(legacy, folder)
        site.manage("migrate")
        site.manage("seed")
        with running(folder, legacy, native, routing=GATED) as system:
            asyncio.run(shoot(system, chromium))


if __name__ == "__main__":
    main()
