"""Members who sign in and out while domains change their owner. Each time a session is begun and
ended and the account is written; what they were told has to be so on the next page."""

import re

import httpx

SIGN_IN, SIGN_OUT, ADDRESSES = "/accounts/login/", "/accounts/logout/", "/accounts/email/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


async def sign_in_and_out(url: str, name: str, password: str, patience: float) -> list[str]:
    """Once, as a browser does. What failed."""
    async with httpx.AsyncClient(base_url=url, timeout=patience) as browser:
        try:
            values = {"login": name, "password": password}
            steps = (
                await _post(browser, SIGN_IN, values, 302),
                await _get(browser, ADDRESSES, 200),
                await _post(browser, SIGN_OUT, {}, 302),
                await _get(browser, ADDRESSES, 302),
            )
        except httpx.HTTPError as error:
            return [f"a member: {error!r}"]
    return [fault for fault in steps if fault]


async def _get(browser: httpx.AsyncClient, path: str, expected: int) -> str:
    answer = await browser.get(path)
    return _fault("GET", path, answer, expected)


async def _post(
    browser: httpx.AsyncClient, path: str, values: dict[str, str], expected: int
) -> str:
    page = await browser.get(path)
    token = _TOKEN.search(page.text)
    if token is None:
        return f"GET {path}: {page.status_code}, without a token"
    answer = await browser.post(path, data={**values, "csrfmiddlewaretoken": token[1]})
    return _fault("POST", path, answer, expected)


def _fault(method: str, path: str, answer: httpx.Response, expected: int) -> str:
    if answer.status_code == expected:
        return ""
    owner = answer.headers.get("strangler-owner", "?")
    return f"{method} {path} ({owner}): {answer.status_code} instead of {expected}"
