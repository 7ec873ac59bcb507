"""What only a browser does: it keeps cookies and pages, hides fields, and leaves forms open."""

import time
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.steps import (
    Step,
    expect_header,
    fill,
    log_in,
    log_in_to_admin,
    log_out,
    messages,
    press,
    steps_of,
    visit,
)
from tests.browser.system import Person, System

pytestmark = pytest.mark.browser

REMEMBERED = 1_209_600
YEAR = 31_449_600
"""Seconds that the cookies of a remembered login, and of CSRF, are kept."""
LEEWAY = 60


async def cookies_after_login(
    browser: Browser, system: System, person: Person, *, remember: bool
) -> dict[str, dict[str, Any]]:
    """By name, without values; `expires` is how many seconds they are kept, -1 for the session."""
    async with await browser.new_context(base_url=system.url) as context:
        page = await context.new_page()
        await page.goto("/accounts/login/?next=/about/")
        await fill(page, login=person.username, password=person.password)
        if remember:
            await page.get_by_label("Remember Me").check()
        await press(page, "Sign in")
        await expect_header(page, person.greeting)
        jar: list[dict[str, Any]] = [dict(cookie) for cookie in await context.cookies()]
    now = time.time()
    for cookie in jar:
        del cookie["value"]
        if cookie["expires"] != -1:
            # In minutes: the answers that set them are some seconds old.
            cookie["expires"] = round((cookie["expires"] - now) / LEEWAY) * LEEWAY
    return {cookie.pop("name"): cookie for cookie in jar}


@pytest.mark.parametrize("remember", [False, True], ids=["until it closes", "remembered"])
async def test_cookies_in_the_jar_are_those_of_django(
    browser: Browser, system: System, visitor: Person, remember: bool
) -> None:
    native = await cookies_after_login(browser, system, visitor, remember=remember)
    await system.accounts_become("legacy")
    assert native == await cookies_after_login(browser, system, visitor, remember=remember)
    common = {"domain": "127.0.0.1", "path": "/", "secure": False, "sameSite": "Lax"}
    kept = round(REMEMBERED / LEEWAY) * LEEWAY if remember else -1
    assert native == {
        "sessionid": common | {"httpOnly": True, "expires": kept},
        "csrftoken": common | {"httpOnly": False, "expires": round(YEAR / LEEWAY) * LEEWAY},
        # The proxy's own: they have just written, whoever answered.
        "strangler_written_legacy": common
        | {"httpOnly": True, "expires": round(60 / LEEWAY) * LEEWAY},
    }


async def test_scripts_cannot_read_the_session(page: Page, visitor: Person) -> None:
    await log_in(page, visitor)
    names = [part.partition("=")[0].strip() for part in (await cookies_seen(page)).split(";")]
    assert names == ["csrftoken"]


async def cookies_seen(page: Page) -> str:
    return str(await page.evaluate("document.cookie"))


async def test_a_native_form_left_open_while_django_renewed_the_secret(
    context: BrowserContext, page: Page, staff: Person
) -> None:
    await page.goto("/accounts/password/reset/")
    other = await context.new_page()
    await log_in_to_admin(other, staff)
    await fill(page, email=staff.email)
    assert await press(page, "Mail me a link") == [
        Step("POST", "/accounts/password/reset/", 403, "native")
    ]
    await expect(page.get_by_role("heading", level=1)).to_have_text("This was not accepted")
    await page.go_back()
    await page.reload()
    await fill(page, email=staff.email)
    assert await press(page, "Mail me a link") == [
        Step("POST", "/accounts/password/reset/", 302, "native"),
        Step("GET", "/accounts/password/reset/done/", 200, "native"),
    ]


async def test_a_form_of_django_left_open_while_the_native_side_renewed_the_secret(
    context: BrowserContext, page: Page, staff: Person
) -> None:
    await page.goto("/admin/login/?next=/admin/")
    other = await context.new_page()
    await log_in(other, staff)
    await fill(page, username=staff.username, password=staff.password)
    assert await press(page, "Log in") == [
        Step("POST", "/admin/login/?next=/admin/", 403, "legacy")
    ]
    assert await visit(page, "/admin/login/?next=/admin/") == [
        Step("GET", "/admin/login/?next=/admin/", 302, "legacy"),
        Step("GET", "/admin/", 200, "legacy"),
    ]


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/password/change/"])
async def test_back_after_signing_out_asks_again(page: Page, visitor: Person, path: str) -> None:
    """As with Django's pages, `Vary: Cookie` keeps the page from being shown from the HTTP cache.

    Pages that a browser keeps alive in memory (here it keeps none) are beyond `Vary`.
    """
    await log_in(page, visitor)
    await page.goto(path)
    await log_out(page)
    await page.go_back()
    assert await steps_of(await page.go_back()) == [
        Step("GET", path, 302, "native"),
        Step("GET", f"/accounts/login/?next={path}", 200, "native"),
    ]
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_signing_up(page: Page, system: System) -> None:
    """The whole way: the form, the mail, its link, the first login."""
    person = Person("first_comer", "first_comer@example.org", "a long way home")
    await page.goto("/accounts/signup/")
    await expect(page.locator("[name=email_body_text]")).to_be_hidden()
    await fill(
        page,
        email=person.email,
        username=person.username,
        password1=person.password,
        password2=person.password,
    )
    assert await press(page, "Sign up") == [
        Step("POST", "/accounts/signup/", 302, "native"),
        Step("GET", "/accounts/confirm-email/", 200, "native"),
    ]
    assert await messages(page) == [f"Confirmation email sent to {person.email}."]
    [link] = system.links_to(person.email)
    path = link.removeprefix(system.url)
    assert await visit(page, link) == [Step("GET", path, 200, "native")]
    assert await press(page, "Confirm") == [
        Step("POST", path, 302, "native"),
        Step("GET", "/accounts/login/", 200, "native"),
    ]
    assert await messages(page) == [f"You have confirmed {person.email}."]
    assert await log_in(page, person) == [
        Step("POST", "/accounts/login/", 302, "native"),
        Step("GET", "/users/edit/", 200, "legacy"),
    ]
    await expect_header(page, person.greeting)


async def test_a_robot_fills_in_every_field(page: Page) -> None:
    await page.goto("/accounts/signup/")
    await page.locator("#content input:not([type=hidden])").evaluate_all(
        "inputs => inputs.forEach(input => { input.value = 'robot@example.org' })"
    )
    assert await press(page, "Sign up") == [Step("POST", "/accounts/signup/", 400, "native")]
    await expect(page.get_by_role("heading", level=1)).to_have_text("Not accepted")


async def test_a_forgotten_password(page: Page, system: System, visitor: Person) -> None:
    await page.goto("/accounts/login/")
    await page.get_by_role("link", name="Forgot your password?").click()
    await fill(page, email=visitor.email)
    await press(page, "Mail me a link")
    [link] = system.links_to(visitor.email)
    await page.goto(link)
    assert page.url.endswith("-set-password/"), "the key is out of sight, and of the Referer"
    new = Person(visitor.username, visitor.email, "remembered at last")
    await fill(page, password1=new.password, password2=new.password)
    await press(page, "Set password")
    await expect_header(page, "Password successfully changed.")
    await log_in(page, new)
    await expect_header(page, new.greeting)
