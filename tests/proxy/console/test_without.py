"""The console where something is missing: the setting, the native database, both, the way to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port
from tests.proxy.console.people import come_in, form_token
from tests.proxy.console.system import OPERATORS, ROUTING, TOKEN

BEARER = {"authorization": f"Bearer {TOKEN}"}


@contextmanager
def console(folder: Path, **settings: str) -> Iterator[httpx.Client]:
    """Nobody answers on the legacy side; the console does not need it."""
    (folder / "routing.yaml").write_text(ROUTING)
    named = {f"STRANGLER_{name.upper()}": value for name, value in settings.items()}
    given = {
        "STRANGLER_LEGACY_URL": "http://127.0.0.1:9",
        "STRANGLER_ROUTING": str(folder / "routing.yaml"),
        **named,
    }
    proxy = on_free_port(lambda port: RunningProxy(given, folder, port=port, workers=1))
    url = f"{proxy.url}/__strangler__/"
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as visitor:
            yield visitor
    finally:
        proxy.close()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with console(tmp_path_factory.mktemp("closed")) as visitor:
        yield visitor


@pytest.mark.parametrize("page", ["", "login", "changes", "domains/downloads", "api/overview"])
def test_without_operators_it_is_closed(closed: httpx.Client, page: str) -> None:
    answer = closed.get(page, headers=BEARER)
    assert answer.status_code == 403
    assert "Set STRANGLER_OPERATORS" in answer.text


def test_other_pages_are_as_ever(closed: httpx.Client) -> None:
    assert closed.get("health/live").status_code == 200
    assert closed.get("nothing").status_code == 404
    assert closed.get("console.css").status_code == 404


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A plain forwarding proxy: no database at all."""
    with console(tmp_path_factory.mktemp("forwarding"), operators=OPERATORS) as visitor:
        yield visitor


def test_without_a_database_the_file_is_shown(forwarding: httpx.Client) -> None:
    page = forwarding.get("", headers=BEARER)
    assert page.status_code == 200
    assert "There is no native database" in page.text
    assert '<span class="has">legacy</span>' in page.text
    assert "Time-lines" not in page.text
    found = forwarding.get("api/overview", headers=BEARER).json()
    assert (found["database"], found["progress"], found["share"]) == ("not set", None, None)


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("domains/downloads", 200),
        ("changes", 200),
        ("api/domains/downloads", 200),
        ("api/changes", 503),
        ("domains/downloads/change?phase=reads", 409),
        ("domains/downloads/rollback", 409),
        ("domains/downloads/repair", 409),
    ],
)
def test_without_a_database_nothing_can_be_changed(
    forwarding: httpx.Client, page: str, status: int
) -> None:
    answer = forwarding.get(page, headers=BEARER)
    assert answer.status_code == status
    if status == 409:
        assert "STRANGLER_DATABASE_URL" in answer.text


def test_without_sessions_a_token_comes_in_and_the_page_says_what_is_missing(
    forwarding: httpx.Client,
) -> None:
    page = forwarding.get("login").text
    assert "STRANGLER_LEGACY_DATABASE_URL and STRANGLER_LEGACY_SECRET_KEY have to be set" in page
    assert come_in(forwarding, "wrong").status_code == 403
    assert come_in(forwarding).status_code == 303
    assert "token drill" in forwarding.get("").text


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    away = "postgresql://somebody:a-password@127.0.0.1:9/nothing"
    with console(tmp_path, operators=OPERATORS, database_url=away) as visitor:
        for page in ("", "domains/downloads", "changes"):
            answer = visitor.get(page, headers=BEARER)
            assert answer.status_code == 200
            assert "127.0.0.1:9/nothing" in answer.text
            assert "a-password" not in answer.text
        assert visitor.get("api/overview", headers=BEARER).json()["share"] is None
        answer = visitor.get("domains/downloads/change?phase=reads", headers=BEARER)
        assert answer.status_code == 409
        assert "127.0.0.1:9/nothing" in answer.json()["error"]


def test_when_nobody_can_say_who_it_is_a_token_still_comes_in(tmp_path: Path) -> None:
    away = "postgresql://somebody:a-password@127.0.0.1:9/nothing"
    settings = {"legacy_database_url": away, "legacy_secret_key": "a key", "operators": OPERATORS}
    session = {"cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}
    with console(tmp_path, **settings) as visitor:
        answer = visitor.get("", headers=session)
        assert answer.status_code == 503
        assert "The legacy database does not say who you are." in answer.text
        assert answer.headers["retry-after"] == "5"
        assert visitor.get("", headers=session | BEARER).status_code == 200


def test_behind_a_front_server_with_tls(tmp_path: Path) -> None:
    """Its word on the scheme and the host counts, as its address is trusted."""
    front = {"x-forwarded-proto": "https", "x-forwarded-host": "www.example.org"}
    with console(tmp_path, operators=OPERATORS, trusted_proxies="127.0.0.0/8") as visitor:
        page = visitor.get("login", headers=front)
        assert "; Secure" in page.headers["set-cookie"]
        cookie = page.headers["set-cookie"].partition(";")[0]
        form = {"form_token": form_token(page.text), "token": TOKEN}
        for origin, status in (
            ("http://www.example.org", 403),
            ("https://elsewhere.example", 403),
            ("https://www.example.org", 303),
        ):
            headers = {**front, "origin": origin, "cookie": cookie}
            answer = visitor.post("login", data=form, headers=headers)
            assert answer.status_code == status
        assert "; Secure" in answer.headers["set-cookie"]
