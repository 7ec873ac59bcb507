"""What a visitor does in a browser, and which side answered for it."""

from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.async_api import Page, Request, Response, expect

from tests.browser.system import Person


class Step(NamedTuple):
    """One request of a navigation and its answer."""

    method: str
    target: str
    status: int
    owner: str | None


async def steps_of(answer: Response | None) -> list[Step]:
    """Of a navigation, from the first request over all redirects to the page."""
    assert answer is not None, "the browser did not ask the server"
    steps = []
    request: Request | None = answer.request
    while request is not None:
        steps.append(await _step(request))
        request = request.redirected_from
    return steps[::-1]


async def _step(request: Request) -> Step:
    answer = await request.response()
    assert answer is not None, request.url
    target = urlsplit(request.url)._replace(scheme="", netloc="").geturl()
    owner = await answer.header_value("strangler-owner")
    return Step(request.method, target, answer.status, owner)


async def visit(page: Page, path: str) -> list[Step]:
    return await steps_of(await page.goto(path))


async def press(page: Page, name: str) -> list[Step]:
    """A button of the page's own form, which leads to another page."""
    async with page.expect_navigation() as navigation:
        await page.locator("#content").get_by_role("button", name=name, exact=True).click()
    return await steps_of(await navigation.value)


async def fill(page: Page, **values: str) -> None:
    """Fields of the page's forms by their names."""
    for name, value in values.items():
        await page.locator(f"#content [name={name}]").fill(value)


async def log_in(page: Page, person: Person, to: str = "/users/edit/") -> list[Step]:
    """At the account pages, whoever answers for them."""
    await page.goto(f"/accounts/login/?next={to}")
    await fill(page, login=person.username, password=person.password)
    return await press(page, "Sign in")


async def log_in_to_admin(page: Page, person: Person) -> list[Step]:
    """At Django's admin, which always is Django's."""
    await page.goto("/admin/login/?next=/admin/")
    await fill(page, username=person.username, password=person.password)
    return await press(page, "Log in")


async def log_out(page: Page) -> list[Step]:
    await page.goto("/accounts/logout/")
    return await press(page, "Sign out")


async def messages(page: Page) -> list[str]:
    """What the page itself tells, not the fragment in its header."""
    return [text.strip() for text in await page.locator("main .messages li").all_inner_texts()]


async def expect_header(page: Page, *texts: str) -> None:
    """The part of the header that a script fetches has these links or names, among others."""
    for text in texts:
        await expect(page.locator(".sign-in").get_by_text(text, exact=True)).to_be_visible()
