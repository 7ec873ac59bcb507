"""The bundled site answers for accounts and profiles what was recorded of the site it stands for.

Not compared: pages that it does not have (memberships, nominations, sponsorships), and wording.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, LiteralString

import httpx
import pytest
from lxml import html

from proxy.demo.parts import LegacySite
from proxy.embedded.stack import EmbeddedStack
from tests.browsing import Browser
from tests.legacy_bridge.replication.sides import run

pytestmark = pytest.mark.golden

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "legacy" / "golden" / "responses.jsonl"
PREFIXES = ("/authenticated", "/accounts/", "/users/edit/", "/users/u1_", "/users/nobody/")
PASSWORDS = {"member": ("u1_1", "pw-1-1"), "staff": ("admin1", "admin-1")}
VERIFIED: LiteralString = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT id, email, true, true FROM users_user WHERE username IN ('u1_1', 'admin1')
"""
"""The data set has not confirmed their addresses, without which nobody can sign in by a form."""
ADDED = {"csrfmiddlewaretoken", "email_body_text"}
"""Fields that templates, not forms, put in."""
SEVERAL_FORMS = "account/email.html"


def recorded() -> list[Any]:
    if not RECORDED.exists():
        return []
    with RECORDED.open(encoding="utf-8") as lines:
        answers = [json.loads(line) for line in lines]
    return [
        pytest.param(one, id=f"{one['as']} {one['url']}")
        for one in answers
        if one["url"].startswith(PREFIXES)
    ]


@pytest.fixture(scope="module")
def visitors(
    stack: EmbeddedStack, dataset_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Browser]]:
    """A browser for each of those whom the recorded answers are for."""
    name = dataset_database_url.rpartition("/")[2]
    url = stack.create_database("dataset_accounts", template=name)
    run(url, VERIFIED)
    site = LegacySite(url, tmp_path_factory.mktemp("golden"))
    site.start()
    with ExitStack() as open_until_the_end:
        open_until_the_end.callback(site.stop)
        browsers = {who: Browser(site.url) for who in ("anonymous", *PASSWORDS)}
        for browser in browsers.values():
            open_until_the_end.callback(browser.client.close)
        for who, (login, password) in PASSWORDS.items():
            assert browsers[who].log_in(login, password).headers["Location"] == "/"
        yield browsers


@pytest.mark.skipif(not RECORDED.exists(), reason=f"no recorded answers: {RECORDED} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(recorded()) == 36


@pytest.mark.parametrize("answer", recorded())
def test_recorded_answer(visitors: dict[str, Browser], answer: dict[str, Any]) -> None:
    response = visitors[answer["as"]].get(answer["url"])
    assert response.status_code == answer["status"]
    assert response.headers["Content-Type"] == answer["content_type"]
    assert response.headers.get("Location") == answer.get("location")
    assert {name: response.headers.get(name) for name in answer["headers"]} == answer["headers"]
    form = answer.get("context", {}).get("form")
    if form and answer["template"] != SEVERAL_FORMS:
        assert fields(response) == [(field["name"], field["required"]) for field in form["form"]]


def fields(response: httpx.Response) -> list[tuple[str, bool]]:
    """Names of the page's form, each once, and whether they have to be filled in."""
    form, *_ = html.fromstring(response.text).cssselect("#content form")
    found = {
        str(element.get("name")): "required" in element.attrib
        for element in form.cssselect("input[name], textarea[name], select[name]")
    }
    return [(name, required) for name, required in found.items() if name not in ADDED]
