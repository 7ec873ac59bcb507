"""The account pages by keyboard, for screen readers, and on a small screen."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.steps import fill, log_in, press
from tests.browser.system import Person

pytestmark = pytest.mark.browser

NARROW = 360
"""Pixels: the width of a small telephone."""
LONG_ADDRESS = "somebody.with.a.rather.long.name@mail.department.university.example.org"

NAME_FAULT = (
    "Enter a valid username. This value may contain only unaccented lowercase a-z and uppercase "
    "A-Z letters, numbers, and @/./+/-/_ characters."
)

UNLABELLED = """
[...document.querySelectorAll("#content input, #content select, #content textarea")]
  .filter((field) => field.checkVisibility() && field.type !== "hidden")
  .filter((field) => ![...field.labels].some((label) => label.innerText.trim()))
  .map((field) => field.name)
"""
BROKEN_REFERENCES = """
[...document.querySelectorAll("[aria-describedby]")]
  .flatMap((field) => field.getAttribute("aria-describedby").split(" "))
  .filter((id) => !document.getElementById(id)?.innerText.trim())
"""
FAULTY = """
Object.fromEntries([...document.querySelectorAll("#content [aria-invalid=true]")].map((field) => [
  field.name,
  field.getAttribute("aria-describedby").split(" ")
    .map((id) => document.getElementById(id))
    .filter((described) => described.matches(".errorlist"))
    .map((described) => described.innerText.trim()),
]))
"""
FOCUSED = "document.activeElement.name || document.activeElement.innerText"


async def anonymous_login(page: Page) -> None:
    await page.goto("/accounts/login/")


async def failed_login(page: Page) -> None:
    await page.goto("/accounts/login/")
    await fill(page, login="nobody", password="wrong")
    await press(page, "Sign in")


async def faulty_signup(page: Page) -> None:
    await page.goto("/accounts/signup/")
    await send_unchecked(page, "Sign up", email="none", username="näme", password1="abc")


async def reset(page: Page) -> None:
    await page.goto("/accounts/password/reset/")
    await send_unchecked(page, "Mail me a link", email="none")


async def faulty_change(page: Page) -> None:
    await page.goto("/accounts/password/change/")
    await fill(page, oldpassword="wrong", password1="abc", password2="abc")
    await press(page, "Change password")


async def two_addresses(page: Page) -> None:
    await page.goto("/accounts/email/")
    await page.get_by_label("Email:").fill(LONG_ADDRESS)
    await press(page, "Add")


async def signing_out(page: Page) -> None:
    await page.goto("/accounts/logout/")


async def send_unchecked(page: Page, button: str, **values: str) -> None:
    """As a browser would that leaves checking to the server."""
    await page.locator("#content form").evaluate("form => { form.noValidate = true }")
    await fill(page, **values)
    await press(page, button)


Opening = Callable[[Page], Awaitable[None]]
OPEN_TO_ALL: list[Opening] = [anonymous_login, failed_login, faulty_signup, reset]
OF_THE_SIGNED_IN: list[Opening] = [faulty_change, two_addresses, signing_out]


async def check(page: Page) -> None:
    assert await page.evaluate(UNLABELLED) == []
    assert await page.evaluate(BROKEN_REFERENCES) == []
    assert await page.locator("html").get_attribute("lang") == "en"
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    await page.wait_for_function("document.querySelector('.sign-in .menu') !== null")
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW


@pytest.mark.parametrize("opening", OPEN_TO_ALL)
async def test_pages_open_to_all(page: Page, opening: Opening) -> None:
    await page.set_viewport_size({"width": NARROW, "height": 700})
    await opening(page)
    await check(page)


@pytest.mark.parametrize("opening", OF_THE_SIGNED_IN)
async def test_pages_of_the_signed_in(page: Page, visitor: Person, opening: Opening) -> None:
    await page.set_viewport_size({"width": NARROW, "height": 700})
    await log_in(page, visitor)
    await opening(page)
    await check(page)


async def test_errors_are_told_with_their_fields(page: Page) -> None:
    await faulty_signup(page)
    assert await page.evaluate(FAULTY) == {
        "email": ["Enter a valid email address."],
        "username": [NAME_FAULT],
        "password1": ["This password is too short. It must contain at least 6 characters."],
        "password2": ["This field is required."],
    }


async def test_help_is_told_with_its_field(page: Page) -> None:
    await page.goto("/accounts/login/")
    password = page.get_by_label("Password:")
    await expect(password).to_have_accessible_description("Forgot your password?")


async def test_messages_are_a_status(page: Page, visitor: Person) -> None:
    await log_in(page, visitor, to="/accounts/email/")
    await expect(page.get_by_role("main").get_by_role("status")).to_have_text(
        f"Successfully signed in as {visitor.username}."
    )


async def test_addresses_are_a_named_group(page: Page, visitor: Person) -> None:
    await log_in(page, visitor, to="/accounts/email/")
    group = page.get_by_role("group", name="Your addresses")
    await expect(group.get_by_role("radio")).to_have_accessible_name(
        f"{visitor.email} (confirmed, primary)"
    )


async def test_signing_up_by_keyboard(page: Page) -> None:
    """Past the header by the link made for it; the robots' field is never reached."""
    await page.goto("/accounts/signup/")
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "Skip to the content"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    reached = []
    for _ in range(6):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate(FOCUSED))
    assert reached == ["Sign in", "email", "username", "password1", "password2", "Sign up"]


async def test_signing_in_by_keyboard(page: Page, visitor: Person) -> None:
    await page.goto("/accounts/login/?next=/about/")
    await page.get_by_label("Login:").focus()
    await page.keyboard.type(visitor.username)
    await page.keyboard.press("Tab")
    await page.keyboard.type(visitor.password)
    async with page.expect_navigation(url="**/about/"):
        await page.keyboard.press("Enter")
