"""What happens to a visitor in the course of a request."""

from dataclasses import replace

import pytest

from legacy_bridge.django.authentication.user import ANONYMOUS, User
from ported_domains.shared.visitors.closing import settle
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.shared.visitors.state import VisitorState
from tests.ported_domains.shared.visitors.alone import visitor
from tests.ported_domains.shared.visitors.twins import HOST, SECRET, Person, Twins

MODEL = "django.contrib.auth.backends.ModelBackend"


async def user_of(contracts: Contracts, person: Person) -> User:
    user = await contracts.recognition.user(person.id)
    assert user is not None
    return user


def of(contracts: Contracts, session: str) -> VisitorState:
    return visitor(contracts, ("cookie", f"sessionid={session}; csrftoken={SECRET}"))


async def known_name(twins: Twins, session: str | None) -> str:
    """Who Django takes it for."""
    name: str = (await twins.legacy.get("/probes/user/", f"sessionid={session}")).json()["name"]
    return name


async def keys_of(twins: Twins, *keys: str | None) -> list[str]:
    """Those that there are."""
    sql = "SELECT session_key FROM django_session WHERE session_key = ANY(%s) ORDER BY 1"
    return [row["session_key"] for row in await twins.legacy.rows(sql, list(keys))]


def test_nobody_is_known_before_one_asks(contracts: Contracts) -> None:
    with pytest.raises(RuntimeError, match=r"await visitor\.load\(\) comes first"):
        _ = visitor(contracts).user


async def test_to_log_in_changes_key_and_secret(contracts: Contracts, twins: Twins) -> None:
    """Who planted the session that one logs in with, or knows the secret, gains nothing."""
    person = await twins.legacy.newcomer()
    planted = await twins.legacy.plant({"kept": 1})
    asking = of(contracts, planted)
    await asking.log_in(await user_of(contracts, person), MODEL)
    assert asking.user.get_username() == person.name
    head = await settle(asking, 302, [])
    assert asking.csrf_to_save not in (None, SECRET)
    assert [name for name, _ in head] == [b"vary", b"set-cookie", b"set-cookie"]
    assert await keys_of(twins, planted) == []
    assert await known_name(twins, asking.session.key) == person.name
    assert asking.session["kept"] == 1


async def test_to_log_in_as_another_keeps_nothing(contracts: Contracts, twins: Twins) -> None:
    person, other = await twins.legacy.newcomer(), await twins.legacy.newcomer()
    session = await twins.legacy.plant({**person.values, "mine": 1})
    asking = of(contracts, session)
    await asking.log_in(await user_of(contracts, other), MODEL)
    await settle(asking, 302, [])
    assert await keys_of(twins, session) == []
    assert await known_name(twins, asking.session.key) == other.name
    assert "mine" not in asking.session


async def test_to_log_in_once_more_keeps_the_key(contracts: Contracts, twins: Twins) -> None:
    person = await twins.legacy.newcomer()
    asking = of(contracts, person.session)
    await asking.log_in(await user_of(contracts, person), MODEL)
    await settle(asking, 302, [])
    assert asking.session.key == person.session


async def test_a_key_that_there_is_not_is_not_taken_over(
    contracts: Contracts, twins: Twins
) -> None:
    chosen = "chosenbysomebodyelse000000000000"
    person = await twins.legacy.newcomer()
    asking = of(contracts, chosen)
    await asking.log_in(await user_of(contracts, person), MODEL)
    await settle(asking, 302, [])
    assert asking.session.key not in (None, chosen)
    assert await keys_of(twins, chosen) == []


async def test_to_log_out_forgets_all(contracts: Contracts, twins: Twins) -> None:
    person = await twins.legacy.newcomer()
    asking = of(contracts, person.session)
    await asking.log_out()
    assert asking.user is ANONYMOUS
    [vary, cookie] = await settle(asking, 302, [])
    assert vary == (b"vary", b"Cookie")
    assert cookie[1].startswith(b'sessionid=""; expires=Thu, 01 Jan 1970')
    assert await keys_of(twins, person.session) == []


async def test_a_new_password_ends_all_other_sessions(contracts: Contracts, twins: Twins) -> None:
    person = await twins.legacy.newcomer()
    elsewhere = await twins.legacy.another_session(person)
    asking = of(contracts, person.session)
    await asking.load()
    changed = replace(await user_of(contracts, person), password="another")
    await twins.legacy.rows(
        "UPDATE users_user SET password = %s WHERE id = %s", changed.password, person.id
    )
    await asking.password_changed(changed)
    await settle(asking, 302, [])
    assert await known_name(twins, asking.session.key) == person.name
    assert await known_name(twins, elsewhere) == ""
    assert await keys_of(twins, person.session, elsewhere) == []


async def test_a_new_password_of_somebody_else(contracts: Contracts, twins: Twins) -> None:
    """As staff sets it; one's own session stays good."""
    person, other = await twins.legacy.newcomer(), await twins.legacy.newcomer()
    asking = of(contracts, person.session)
    await asking.load()
    await asking.password_changed(await user_of(contracts, other))
    await settle(asking, 302, [])
    assert asking.user.get_username() == person.name
    assert await known_name(twins, asking.session.key) == person.name


FORWARDED = ("x-forwarded-for", "198.51.100.1, 10.0.0.1")


@pytest.mark.parametrize(
    ("fields", "trusted", "address"),
    [
        ((), False, "192.0.2.1"),
        ((), True, "192.0.2.1"),
        ((FORWARDED,), False, "192.0.2.1"),
        ((FORWARDED,), True, "198.51.100.1"),
        ((FORWARDED, ("x-forwarded-for", "203.0.113.1")), True, "198.51.100.1"),
        ((("x-forwarded-for", ""),), True, "192.0.2.1"),
    ],
)
def test_address(
    contracts: Contracts, fields: tuple[tuple[str, str], ...], trusted: bool, address: str
) -> None:
    asking = visitor(contracts, *fields, trusted=trusted)
    assert asking.address == address


def test_links(contracts: Contracts) -> None:
    assert visitor(contracts).absolute("/a/?b=1") == f"http://{HOST}/a/?b=1"


async def test_vary_is_one_field(contracts: Contracts) -> None:
    asking = visitor(contracts)
    await asking.load()
    head = await settle(asking, 200, [(b"Vary", b"Accept"), (b"a", b"b"), (b"vary", b"Origin")])
    assert head == [(b"a", b"b"), (b"vary", b"Accept, Origin, Cookie")]
    again = await settle(asking, 200, [(b"vary", b"*")])
    assert again == [(b"vary", b"*")]
