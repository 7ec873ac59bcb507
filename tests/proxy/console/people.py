"""Who comes to the console: cookies and headers of each."""

import re
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

import httpx

from tests.browser.system import add_person
from tests.proxy.console.system import PERMISSION, TOKEN, System

_FORM_TOKEN: Final = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
_DJANGO_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PASSWORD: Final = "admin-1"
BECOMES_SECONDS: Final = 45.0

_SHAPE = "UPDATE users_user SET is_superuser = false, is_staff = %s WHERE username = %s"
_GRANT = """
INSERT INTO users_user_user_permissions (user_id, permission_id)
SELECT u.id, p.id FROM users_user AS u, auth_permission AS p
JOIN django_content_type AS c ON c.id = p.content_type_id
WHERE u.username = %s AND c.app_label || '.' || p.codename = %s
"""


def client(system: System, source: str = "127.0.0.1", **headers: str) -> httpx.Client:
    """`headers` go with each request, which come from the address `source`."""
    transport = httpx.HTTPTransport(local_address=source, trust_env=False)
    return httpx.Client(base_url=system.url, headers=headers, transport=transport, timeout=30)


def with_token(system: System, token: str = TOKEN) -> httpx.Client:
    return client(system, authorization=f"Bearer {token}")


def form_token(page: str) -> str:
    found = _FORM_TOKEN.search(page)
    assert found is not None, "the page has no form"
    return found[1]


def come_in(visitor: httpx.Client, token: str = TOKEN, **more: str) -> httpx.Response:
    """With a token, at the form."""
    page = visitor.get("login").text
    form = {"form_token": form_token(page), "token": token, **more}
    return visitor.post("login", data=form, headers={"origin": origin(visitor)})


def origin(visitor: httpx.Client) -> str:
    return f"http://{visitor.base_url.netloc.decode()}"


def make_person(system: System, name: str, *, staff: bool, permitted: bool) -> str:
    """An account of the site, with the password above."""
    add_person(system.legacy, name, like="admin1")
    system.run(_SHAPE, staff, name, native=False)
    if permitted:
        system.run(_GRANT, name, PERMISSION, native=False)
    return name


def logged_in(system: System, name: str) -> httpx.Client:
    """On the site, at Django's admin or the account pages; staff only at the admin."""
    visitor = client(system)
    login = f"{origin(visitor)}/accounts/login/"
    found = _DJANGO_TOKEN.search(visitor.get(login).text)
    assert found is not None
    form = {"csrfmiddlewaretoken": found[1], "login": name, "password": PASSWORD}
    answer = visitor.post(login, data=form, headers={"referer": login})
    assert answer.status_code == 302, answer.text
    return visitor


def becomes(system: System, wanted: str) -> Mapping[str, Any]:
    """What is told of downloads, once it is in this phase, as the file wants it, too."""
    until = monotonic() + BECOMES_SECONDS
    with with_token(system) as visitor:
        while _phases(found := _downloads(visitor)) != {wanted}:
            assert monotonic() < until, f"downloads does not get to {wanted}: {found}"
    return found


def put_back(system: System) -> None:
    """Downloads is the legacy side's again, wherever a test has left it."""
    with with_token(system) as visitor:
        if _phases(_downloads(visitor)) != {"legacy"}:
            answer = visitor.post("domains/downloads/change", data={"phase": "legacy"})
            assert answer.status_code == 303, answer.text
    becomes(system, "legacy")


def _downloads(visitor: httpx.Client) -> Mapping[str, Any]:
    """Without phases while the databases of a busy machine are waited for."""
    answer = visitor.get("api/domains/downloads")
    assert answer.status_code in {200, 503}, answer.text
    found: Mapping[str, Any] = answer.json()
    return found


def _phases(domain: Mapping[str, Any]) -> set[Any]:
    """What is wanted and what is."""
    return {domain.get("wanted"), domain.get("phase")}
