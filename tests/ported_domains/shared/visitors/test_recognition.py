"""Who the visitor of a session is: what is remembered of it, and sessions of an old SECRET_KEY."""

from dataclasses import replace

import pytest

from legacy_bridge.django.authentication import recognition
from legacy_bridge.django.authentication.session import HASH, session_hash
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.signed_cookies import SignedCookieStore
from legacy_bridge.django.settings import Secrets
from ported_domains.shared.visitors.contracts import Contracts
from proxy.databases import open_engine
from proxy.demo.parts import SECRET_KEY
from tests.ported_domains.shared.visitors.ailing import ailing, over
from tests.ported_domains.shared.visitors.relay import relay
from tests.ported_domains.shared.visitors.twins import PASSWORD_HASH, Twins

OLD = "an old key"


def rotated(contracts: Contracts) -> Contracts:
    """After SECRET_KEY was changed; the old one is good still."""
    return replace(contracts, secrets=Secrets(key=SECRET_KEY, fallbacks=(OLD,)))


@pytest.mark.parametrize("page", ["/own/gone/", "/probes/user/"])
async def test_a_session_of_an_old_key_stays_good(
    contracts: Contracts, native_tables: str, twins: Twins, page: str
) -> None:
    """Under its own key, too: after a 404 the legacy site answers instead, and the visitor would
    not be told of another one."""
    person = await twins.legacy.newcomer()
    session = await twins.legacy.plant({**person.values, HASH: session_hash(PASSWORD_HASH, OLD)})
    cookie = f"sessionid={session}"
    database = twins.legacy.database
    async with ailing(rotated(contracts), native_tables, database) as native:
        reply = await native.side.get(page, cookie)
        assert reply.status == (404 if "gone" in page else 200)
        assert native.site.missed == ([page] if "gone" in page else [])
        again = await native.side.get("/probes/user/", cookie)
        assert again.json()["name"] == person.name
    # The bundled site knows nothing of the old key.
    assert (await twins.legacy.get("/probes/user/", cookie)).json()["name"] == person.name


async def test_only_so_many_sessions_are_remembered(
    contracts: Contracts, twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest is forgotten, which costs it one more question."""
    monkeypatch.setattr(recognition, "REMEMBERED", 2)
    people = [await twins.legacy.newcomer() for _ in range(3)]
    async with relay(twins.legacy.database) as between:
        engine = open_engine(between.url, pool_size=1, name="ailing")
        agreed = over(contracts, engine)

        async def asked(number: int) -> int:
            """Round trips for that person."""
            before = between.round_trips
            session = Session(agreed.sessions, agreed.session_settings, people[number].session)
            user = await agreed.recognition.recognise(session)
            assert user.get_username() == people[number].name
            return between.round_trips - before

        for _ in range(2):  # prepares the statements
            await asked(0)
        assert [await asked(number) for number in (1, 0, 2, 1, 0)] == [2, 1, 2, 1, 2]
        await engine.dispose()


async def test_nothing_is_remembered_where_it_would_not_help(
    contracts: Contracts, twins: Twins
) -> None:
    """A key of signed cookies is the session itself, up to some thousand octets of it."""
    person = await twins.legacy.newcomer()
    store = SignedCookieStore(contracts.secrets, 60)
    agreed = over(contracts, contracts.legacy, store)
    lifetime = Session(store, contracts.session_settings, None).lifetime
    key = await store.create(dict(person.values), lifetime)
    session = Session(store, contracts.session_settings, key)
    assert (await agreed.recognition.recognise(session)).get_username() == person.name
    assert agreed.recognition.remembered == 0
