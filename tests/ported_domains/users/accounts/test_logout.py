"""Logging out: on the bundled site and natively the same."""

import pytest

from tests.ported_domains.users.accounts.people import entered, newcomer, sent
from tests.ported_domains.users.accounts.sides import Browser, Side

pytestmark = pytest.mark.parity

LOGOUT = "/accounts/logout/"


async def is_inside(browser: Browser) -> bool:
    return (await browser.get(LOGOUT)).status == 200


async def test_a_get_only_asks(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    page = await browser.get(f"{LOGOUT}?next=/about/")
    assert page.status == 200
    assert '<input type="hidden" name="next" value="/about/">' in page.text
    assert await is_inside(browser)


async def test_a_post_ends_the_session(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    key = browser.cookies["sessionid"]
    answer = await browser.post(LOGOUT)
    assert sent(answer) == (302, "/")
    assert {name: morsel["max-age"] for name, morsel in answer.cookies.items()} == {
        "sessionid": "0",
        "messages": "",
    }
    browser.cookies["sessionid"] = key
    assert not await is_inside(browser)
    rows = await side.rows("SELECT FROM django_session WHERE session_key = %s", key)
    assert rows == []
    assert "sessionid" not in browser.cookies
    assert (await browser.get("/accounts/login/")).messages == ["You have signed out."]


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/about/", "/about/"),
        ("word", "/word"),
        ("./word", "./word"),
        ("?page=2", "/?page=2"),
        ("https://elsewhere.example.com/", "/"),
    ],
)
async def test_next(side: Side, wanted: str, location: str) -> None:
    browser = side.browser()
    assert sent(await browser.post(LOGOUT, {"next": wanted})) == (302, location)


async def test_nobody_is_told_nothing(side: Side) -> None:
    answer = await side.browser().post(LOGOUT)
    assert sent(answer) == (302, "/")
    assert "set-cookie" not in answer.headers


async def test_what_an_account_page_had_begun_is_forgotten(side: Side) -> None:
    person = await newcomer(side, verified=False)
    browser = side.browser()
    await browser.log_in(person.name)
    sessions = "SELECT session_data FROM django_session WHERE session_key = %s"
    before = await side.row(sessions, browser.cookies["sessionid"])
    await browser.post(LOGOUT)
    assert await side.row(sessions, browser.cookies["sessionid"]) != before


async def test_without_the_token(side: Side) -> None:
    browser = await entered(side, await newcomer(side))
    assert (await browser.request("POST", LOGOUT, {})).status == 403
    assert await is_inside(browser)
