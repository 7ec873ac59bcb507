"""Somebody in a real browser is in on both sides or out on both, whoever answers for accounts."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from loadtests.flip_drill import Owner
from tests.browser.steps import (
    Step,
    expect_header,
    fill,
    log_in,
    log_in_to_admin,
    log_out,
    messages,
    press,
    visit,
)
from tests.browser.system import Person, System

pytestmark = pytest.mark.browser

NEW_PASSWORD = "gold fish bowl"


async def is_out_on_both(page: Page, owner: Owner = "native") -> None:
    assert await visit(page, "/admin/") == [
        Step("GET", "/admin/", 302, "legacy"),
        Step("GET", "/admin/login/?next=/admin/", 200, "legacy"),
    ]
    assert await visit(page, "/accounts/email/") == [
        Step("GET", "/accounts/email/", 302, owner),
        Step("GET", "/accounts/login/?next=/accounts/email/", 200, owner),
    ]
    await page.goto("/authenticated")
    assert await page.get_by_role("link").all_inner_texts() == ["Sign in", "Sign up"]


async def change_password(page: Page, old: str) -> list[Step]:
    await page.goto("/accounts/password/change/")
    await fill(page, oldpassword=old, password1=NEW_PASSWORD, password2=NEW_PASSWORD)
    return await press(page, "Change password")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_in_at_django_a_native_form_and_out_natively(
    browser: Browser, system: System, staff: Person, scripts: bool
) -> None:
    async with await browser.new_context(
        base_url=system.url, java_script_enabled=scripts
    ) as context:
        page = await context.new_page()
        assert await log_in_to_admin(page, staff) == [
            Step("POST", "/admin/login/?next=/admin/", 302, "legacy"),
            Step("GET", "/admin/", 200, "legacy"),
        ]
        assert await change_password(page, staff.password) == [
            Step("POST", "/accounts/password/change/", 302, "native"),
            Step("GET", "/users/edit/", 200, "legacy"),
        ]
        assert await messages(page) == ["Password successfully changed."]
        # A new password ends all sessions but the one that it was given in.
        assert await visit(page, "/admin/") == [Step("GET", "/admin/", 200, "legacy")]
        assert await visit(page, "/accounts/email/") == [
            Step("GET", "/accounts/email/", 200, "native")
        ]
        assert await log_out(page) == [
            Step("POST", "/accounts/logout/", 302, "native"),
            Step("GET", "/", 200, "legacy"),
        ]
        await is_out_on_both(page)
        assert [c["name"] for c in await context.cookies() if c["name"] == "sessionid"] == []


async def test_in_natively_and_told_so_by_django(page: Page, staff: Person) -> None:
    assert await log_in(page, staff) == [
        Step("POST", "/accounts/login/", 302, "native"),
        Step("GET", "/users/edit/", 200, "legacy"),
    ]
    assert await messages(page) == [f"Successfully signed in as {staff.username}."]
    assert await visit(page, "/admin/") == [Step("GET", "/admin/", 200, "legacy")]
    await expect(page.locator("#user-tools")).to_contain_text(staff.username)
    async with page.expect_navigation():
        await page.get_by_role("button", name="Log out").click()
    await is_out_on_both(page)


async def test_flips_under_an_open_session(page: Page, system: System, staff: Person) -> None:
    await system.accounts_become("legacy")
    assert await log_in(page, staff) == [
        Step("POST", "/accounts/login/", 302, "legacy"),
        Step("GET", "/users/edit/", 200, "legacy"),
    ]
    await system.accounts_become("native")
    assert await change_password(page, staff.password) == [
        Step("POST", "/accounts/password/change/", 302, "native"),
        Step("GET", "/users/edit/", 200, "legacy"),
    ]
    assert await messages(page) == ["Password successfully changed."]
    await system.accounts_become("legacy")
    assert await visit(page, "/accounts/email/") == [Step("GET", "/accounts/email/", 200, "legacy")]
    await expect_header(page, staff.greeting)
    assert await visit(page, "/admin/") == [Step("GET", "/admin/", 200, "legacy")]
    await system.accounts_become("native")
    assert await log_out(page) == [
        Step("POST", "/accounts/logout/", 302, "native"),
        Step("GET", "/", 200, "legacy"),
    ]
    await is_out_on_both(page)


async def test_a_form_fetched_from_one_side_is_taken_by_the_other(
    page: Page, system: System, visitor: Person
) -> None:
    """The flip comes while the form is being filled in."""
    flips: list[tuple[Owner, Owner]] = [("legacy", "native"), ("native", "legacy")]
    for before, after in flips:
        await log_in(page, visitor)
        await system.accounts_become(before)
        assert await visit(page, "/accounts/logout/") == [
            Step("GET", "/accounts/logout/", 200, before)
        ]
        await system.accounts_become(after)
        assert await press(page, "Sign out") == [
            Step("POST", "/accounts/logout/", 302, after),
            Step("GET", "/", 200, "legacy"),
        ]
        await is_out_on_both(page, after)


async def test_the_header_of_every_page_names_the_visitor(page: Page, visitor: Person) -> None:
    """It is fetched by a script from Django, on pages of Django's and on native ones."""
    await page.goto("/downloads/")
    await expect_header(page, "Sign in", "Sign up")
    await log_in(page, visitor, to="/downloads/")
    assert page.url.endswith("/downloads/")
    await expect_header(
        page, visitor.greeting, "Sign out", f"Successfully signed in as {visitor.username}."
    )
    for path in ("/", "/accounts/email/"):
        await page.goto(path)
        await expect_header(page, visitor.greeting, "Sign out")
    await page.locator(".sign-in").get_by_role("link", name="Sign out").click()
    await press(page, "Sign out")
    await expect_header(page, "You have signed out.", "Sign in", "Sign up")


async def test_one_session_in_two_tabs(
    context: BrowserContext, page: Page, visitor: Person
) -> None:
    await log_in(page, visitor)
    other = await context.new_page()
    assert await visit(other, "/accounts/email/") == [
        Step("GET", "/accounts/email/", 200, "native")
    ]
    await log_out(other)
    await page.reload()
    assert page.url.endswith("/accounts/login/?next=/users/edit/")
