"""Every account page asked in every way: the bundled site and ours answer alike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tests.longer import sampled
from tests.ported_domains.users.accounts.people import entered, newcomer
from tests.ported_domains.users.accounts.sides import HONEYPOT, Answer, Browser, Side, differences

pytestmark = pytest.mark.parity

PATHS = (
    "/accounts/",
    "/accounts/login/",
    "/accounts/login/?next=/downloads/",
    "/accounts/login/?next=https://elsewhere.example.com/",
    "/accounts/logout/",
    "/accounts/logout/?next=/downloads/%3Fpage%3D2",
    "/accounts/logout/?next=word",
    "/accounts/signup/",
    "/accounts/signup/?email=Some.One@example.org&next=/about/",
    "/accounts/signup/?email=no-address",
    "/accounts/inactive/",
    "/accounts/reauthenticate/",
    "/accounts/reauthenticate/?next=/downloads/",
    "/accounts/email/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/wrong:key/",
    "/accounts/password/change/",
    "/accounts/password/set/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-wrong-key/",
    "/accounts/login/code/confirm/",
    "/accounts/login/code/confirm/?next=/about/",
    "/accounts/nothing/",
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
OF_SCRIPTS = ("GET", "POST", "PUT")
SCRIPT = {"x_requested_with": "XMLHttpRequest"}


async def ask(side: Side, browser: Browser, method: str, path: str, **headers: str) -> Answer:
    """Unsafe methods bring the token, and the honeypot's field where there may be a form."""
    if method in ("GET", "HEAD", "OPTIONS"):
        return await browser.request(method, path, None, **headers)
    headers["x_csrftoken"] = browser.cookies["csrftoken"]
    form = dict(HONEYPOT) if method == "POST" else None
    return await browser.request(method, path, form, **headers)


async def gists(
    side: Side,
    path: str,
    methods: tuple[str, ...],
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    signed_in: bool = False,
) -> dict[str, dict[str, Any]]:
    """What each method of the path is answered, each time to somebody who comes anew."""
    found = {}
    for method in methods:
        person = await newcomer(side) if signed_in else None
        browser = await entered(side, person) if person else side.browser()
        if person is None:
            await browser.get("/accounts/login/")
        found[method] = (await ask(side, browser, method, path, **headers)).gist
    return found


def compared(
    legacy: dict[str, dict[str, Any]], native: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    found = {method: differences(legacy[method], native[method]) for method in legacy}
    return {method: difference for method, difference in found.items() if difference}


@pytest.mark.parametrize("path", sampled(PATHS, short=13))
async def test_to_anonymous_visitors(both: tuple[Side, Side], path: str) -> None:
    legacy, native = [await gists(side, path, METHODS) for side in both]
    assert compared(legacy, native) == {}


@pytest.mark.parametrize("path", sampled(PATHS, short=13))
async def test_to_anonymous_scripts(both: tuple[Side, Side], path: str) -> None:
    legacy, native = [await gists(side, path, OF_SCRIPTS, SCRIPT) for side in both]
    assert compared(legacy, native) == {}


@pytest.mark.parametrize("path", PATHS)
async def test_to_who_is_signed_in(both: tuple[Side, Side], path: str) -> None:
    legacy, native = [await gists(side, path, METHODS, signed_in=True) for side in both]
    assert compared(legacy, native) == {}


# Addresses have other ids on either side; they are compared in test_manage_email.py.
@pytest.mark.parametrize(
    "path", sampled((path for path in PATHS if path != "/accounts/email/"), short=12)
)
async def test_to_scripts_of_who_is_signed_in(both: tuple[Side, Side], path: str) -> None:
    legacy, native = [await gists(side, path, OF_SCRIPTS, SCRIPT, signed_in=True) for side in both]
    assert compared(legacy, native) == {}
