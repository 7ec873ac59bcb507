"""Every page, for everybody who may come."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import httpx
import pytest

from tests.proxy.console.people import (
    client,
    come_in,
    form_token,
    logged_in,
    make_person,
    origin,
    with_token,
)
from tests.proxy.console.system import System

PAGES: Final = {
    "": 200,
    "changes": 200,
    "domains/downloads": 200,
    "domains/downloads/change?phase=reads": 200,
    "domains/downloads/repair": 200,
    "domains/downloads/strays": 200,
    "domains/pages": 200,
    "domains/unheard_of": 404,
    "domains/downloads/conflicts/native-999": 404,
    "domains/pages/change?phase=reads": 409,
    "domains/users/repair": 409,
    "domains/downloads/change?phase=sideways": 400,
    "domains/downloads/change?phase=canary&weight=many": 400,
    "?window=fortnight": 400,
    "changes?before=yesterday": 400,
    "api/overview": 200,
    "api/domains/downloads": 200,
    "api/domains/unheard_of": 404,
    "api/changes": 200,
}
"""What an operator gets."""


@pytest.fixture(scope="module")
def people(system: System) -> Iterator[dict[str, httpx.Client]]:
    names = {
        "user": make_person(system, "console_user", staff=False, permitted=False),
        "permitted, but no staff": make_person(system, "console_odd", staff=False, permitted=True),
        "staff": make_person(system, "console_staff", staff=True, permitted=False),
        "operator": make_person(system, "console_operator", staff=True, permitted=True),
    }
    with ExitStack() as opened:
        found = {kind: logged_in(system, name) for kind, name in names.items()}
        found |= {"superuser": logged_in(system, "admin1"), "nobody": client(system)}
        found |= {"token": with_token(system), "wrong token": with_token(system, "another")}
        with_cookie = client(system)
        assert come_in(with_cookie).status_code == 303
        found["cookie"] = with_cookie
        for visitor in found.values():
            opened.callback(visitor.close)
        yield found


@pytest.mark.parametrize("kind", ["operator", "superuser", "token", "cookie"])
@pytest.mark.parametrize("page", PAGES)
def test_operators(people: dict[str, httpx.Client], kind: str, page: str) -> None:
    assert people[kind].get(page).status_code == PAGES[page]


@pytest.mark.parametrize("kind", ["user", "permitted, but no staff", "staff"])
@pytest.mark.parametrize("page", PAGES)
def test_others_of_the_site(people: dict[str, httpx.Client], kind: str, page: str) -> None:
    assert people[kind].get(page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_nobody(people: dict[str, httpx.Client], page: str) -> None:
    answer = people["nobody"].get(page)
    path = page.partition("?")[0]
    if path.startswith("api/"):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="strangler"'
    else:
        assert answer.status_code == 303
        target = f"login?next={path}" if path else "login"
        assert answer.headers["location"] == f"/__strangler__/{target}"


def test_a_wrong_token_is_told_and_after_five_it_has_to_wait(system: System) -> None:
    """Two workers count for themselves: of one of them after ten at most."""
    with client(system, "127.0.0.9", authorization="Bearer guessed") as visitor:
        answers = [visitor.get("api/overview") for _ in range(11)]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses[:5]) == {401}
    assert statuses[-1] == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["error"].startswith("Too many wrong tokens")


def test_posts_of_strangers_do_nothing(people: dict[str, httpx.Client], system: System) -> None:
    before = system.run("SELECT count(*) FROM ownership_changes")
    form = {"phase": "reads"}
    assert people["nobody"].post("domains/downloads/change", data=form).status_code == 303
    assert people["staff"].post("domains/downloads/change", data=form).status_code == 403
    assert system.run("SELECT count(*) FROM ownership_changes") == before
    assert "phase: legacy" in (system.folder / "routing.yaml").read_text()


@pytest.mark.parametrize("kind", ["operator", "cookie"])
@pytest.mark.parametrize(
    ("source", "of"),
    [
        ({"origin": "https://elsewhere.example"}, "itself"),
        ({"origin": "null"}, "itself"),
        ({"origin": "http://[here"}, "itself"),
        ({"referer": "https://elsewhere.example/__strangler__/"}, "itself"),
        ({}, "itself"),
        ({"origin": "here"}, "nobody"),
        ({"origin": "here"}, "another"),
    ],
)
def test_forged_forms(
    people: dict[str, httpx.Client], system: System, kind: str, source: dict[str, str], of: str
) -> None:
    other = {"operator": "cookie", "cookie": "operator"}[kind]
    whose = {"itself": kind, "another": other}
    page = "domains/downloads/change?phase=reads"
    token = form_token(people[whose[of]].get(page).text) if of in whose else ""
    headers = {
        name: origin(people[kind]) if value == "here" else value for name, value in source.items()
    }
    before = system.run("SELECT count(*) FROM ownership_changes")
    form = {"phase": "reads", "form_token": token}
    answer = people[kind].post("domains/downloads/change", data=form, headers=headers)
    assert answer.status_code == 403
    assert system.run("SELECT count(*) FROM ownership_changes") == before


@pytest.mark.parametrize(
    ("method", "page", "status", "allow"),
    [
        ("POST", "", 405, "GET, HEAD"),
        ("PUT", "domains/downloads/change", 405, "GET, HEAD, POST"),
        ("GET", "logout", 405, "POST"),
        ("DELETE", "login", 405, "GET, HEAD, POST"),
        ("POST", "console.css", 405, "GET, HEAD"),
        ("GET", "nothing", 404, None),
        ("GET", "domains/", 404, None),
        ("GET", "domains/UPPER", 404, None),
        ("GET", "console.map", 404, None),
        ("GET", "templates/base.html", 404, None),
        ("GET", "..%2Fpermission.py", 404, None),
    ],
)
def test_other_pages_and_methods(
    people: dict[str, httpx.Client], method: str, page: str, status: int, allow: str | None
) -> None:
    answer = people["token"].request(method, page)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allow)


def test_a_login_by_token_leads_on_and_ends(system: System) -> None:
    with client(system) as visitor:
        answer = come_in(visitor, next="domains/downloads")
        assert answer.headers["location"] == "/__strangler__/domains/downloads"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("strangler_console=1.")
        for attribute in ("HttpOnly", "SameSite=Strict", "Path=/__strangler__/", "Max-Age=7200"):
            assert attribute in cookie
        assert "Secure" not in cookie
        page = visitor.get("").text
        assert "token drill" in page
        form = {"form_token": form_token(page)}
        left = visitor.post("logout", data=form, headers={"origin": origin(visitor)})
        assert left.headers["location"] == "/__strangler__/login"
        assert visitor.get("").status_code == 303


@pytest.mark.parametrize("target", ["//elsewhere.example", "https://elsewhere.example", "logout"])
def test_a_login_leads_to_no_other_place(system: System, target: str) -> None:
    with client(system) as visitor:
        answer = come_in(visitor, next=target)
        assert answer.headers["location"] == "/__strangler__/"


def test_a_cookie_that_was_changed_is_nobodys(system: System) -> None:
    with client(system) as visitor:
        come_in(visitor)
        good = visitor.cookies["strangler_console"]
    version, token, _, *rest = good.split(".")
    for bad in (good[:-1], "", "1.2.3", ".".join([version, token, "99999999999", *rest])):
        with client(system, cookie=f"strangler_console={bad}") as forger:
            assert forger.get("").status_code == 303


def test_what_every_page_carries(people: dict[str, httpx.Client]) -> None:
    answer = people["token"].get("")
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    nonce = policy["script-src"].removeprefix("'nonce-").removesuffix("'")
    assert len(nonce) == 24
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'nonce-{nonce}'",
        "style-src": f"'nonce-{nonce}'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert answer.text.count(f'nonce="{nonce}"') == 2
    assert nonce not in people["token"].get("").text
    assert " style=" not in answer.text
    assert "<style" not in answer.text


def test_assets_may_be_kept_by_their_hash(people: dict[str, httpx.Client]) -> None:
    page = people["token"].get("").text
    href = page.partition('rel="stylesheet" href="/__strangler__/')[2].partition('"')[0]
    answer = people["nobody"].get(href)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_head(people: dict[str, httpx.Client]) -> None:
    answer = people["token"].head("")
    assert (answer.status_code, answer.content) == (200, b"")
