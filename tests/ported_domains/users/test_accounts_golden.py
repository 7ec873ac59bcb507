"""Every recorded answer of the real site below /accounts/ is met natively, whoever asks."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from legacy_bridge.django.authentication.session import apply, log_in
from legacy_bridge.django.authentication.sign_in import MODEL_BACKEND
from legacy_bridge.django.sessions.session import Session
from legacy_site.load_dataset import load
from ported_domains.shared.forms import Form
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.users.accounts.addresses import Address
from ported_domains.users.accounts.current_site import CurrentSite
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.conftest import SHARED
from tests.ported_domains.users.accounts.agreed import ACCOUNTS, accounts_of, contracts_of
from tests.ported_domains.users.accounts.sides import Browser, Side
from tests.ported_domains.wire import client_of, native_site

pytestmark = pytest.mark.golden

RECORDED = SHARED / "legacy" / "golden" / "responses.jsonl"
NAMES = {"member": "u1_1", "staff": "admin1"}


def recorded() -> list[dict[str, Any]]:
    if not RECORDED.exists():
        return []
    with RECORDED.open(encoding="utf-8") as lines:
        answers = [json.loads(line) for line in lines]
    return [answer for answer in answers if answer["url"].startswith("/accounts/")]


@pytest.fixture(scope="module")
def database_url(stack: EmbeddedStack, empty_legacy_template: str) -> str:
    """The shared data set in a database of its own, since pages write here."""
    url = stack.create_database("accounts_golden", template=empty_legacy_template)
    load(url, SHARED / "legacy" / "dataset.sql.gz")
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def contracts(database_url: str) -> AsyncIterator[Contracts]:
    engine = open_engine(database_url, pool_size=4, name="accounts golden")
    contracts = contracts_of(engine)
    yield contracts
    contracts.passwords.close()
    await engine.dispose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def native(
    stack: EmbeddedStack,
    database_url: str,
    contracts: Contracts,
    native_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Side]:
    tables = stack.create_database("accounts_golden_tables", template=native_template)
    mails = tmp_path_factory.mktemp("mails")
    accounts = accounts_of(contracts, mails)
    async with (
        native_site(tables, trusts_peers=True, contracts=contracts, accounts=accounts) as site,
        client_of(site.url) as client,
    ):
        side = Side("native", database_url, mails, client, site.pages)
        yield side
        await side.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visitors(native: Side, contracts: Contracts) -> dict[str, Browser]:
    """As when it was recorded: signed in without a password, and with rows of their addresses,
    which the page of addresses makes, first the member's."""
    known = {"anonymous": native.browser()}
    for role, name in NAMES.items():
        known[role] = native.browser()
        row = await native.row("SELECT id FROM users_user WHERE username = %s", name)
        known[role].cookies["sessionid"] = await session_of(contracts, row["id"])
        await known[role].get("/accounts/email/")
    return known


async def session_of(contracts: Contracts, user_id: int) -> str:
    """The key of a session in which the user is signed in."""
    user = await contracts.recognition.user(user_id)
    assert user is not None
    session = Session(contracts.sessions, contracts.session_settings, None)
    await apply(log_in(session, user, MODEL_BACKEND, contracts.secrets), session)
    await session.save()
    assert session.key is not None
    return session.key


def as_recorded(value: object) -> object:
    match value:
        case Form():
            fields = [
                {
                    "name": bound.name,
                    "type": type(bound.field).__name__,
                    "required": bound.field.required,
                    "initial": bound.field.initial,
                }
                for bound in value
            ]
            return {"form": fields}
        case CurrentSite():
            return {"model": "sites.site", "pk": ACCOUNTS.site_id}
        case Address():
            return {"model": "account.emailaddress", "pk": value.id}
        case list():
            return [as_recorded(one) for one in value]
        case dict():
            return {key: as_recorded(one) for key, one in value.items()}
    return value


@pytest.mark.skipif(not RECORDED.exists(), reason=f"no recorded answers: {RECORDED} is not here")
def test_none_was_lost_in_reading() -> None:
    assert len(recorded()) == 18


@pytest.mark.parametrize("answer", recorded(), ids=lambda answer: f"{answer['as']} {answer['url']}")
async def test_recorded_answer(
    native: Side, visitors: dict[str, Browser], answer: dict[str, Any]
) -> None:
    native.pages.clear()
    reply = await visitors[answer["as"]].get(answer["url"])
    assert reply.status == answer["status"]
    assert reply.headers["content-type"] == answer["content_type"]
    assert reply.location == answer.get("location")
    assert {name: reply.headers.get(name) for name in answer["headers"]} == answer["headers"]
    if "template" in answer:
        [(template, context)] = native.pages
        assert template == answer["template"]
        given = {name: as_recorded(context[name]) for name in answer["context"]}
        assert given == answer["context"]
