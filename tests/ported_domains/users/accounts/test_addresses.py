"""Rows of addresses: what several requests at once make of them, and what is asked for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from ported_domains.users.accounts.addresses import (
    address_by_id,
    address_of,
    best_address_of,
    create_address,
    is_verified_elsewhere,
    set_primary,
    verify,
)
from ported_domains.users.accounts.owners import owner_by_id
from proxy.databases import open_engine
from tests.ported_domains.users.accounts.people import fresh_address, newcomer
from tests.ported_domains.users.accounts.sides import Side

AT_ONCE = 8


@pytest_asyncio.fixture
async def legacy(native_accounts: Side) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(native_accounts.database, pool_size=AT_ONCE, name="addresses")
    yield engine.execution_options(isolation_level="AUTOCOMMIT")
    await engine.dispose()


async def test_of_many_who_confirm_an_address_at_once_one_does(
    native_accounts: Side, legacy: AsyncEngine
) -> None:
    email = fresh_address()
    claimed = []
    for _ in range(AT_ONCE):
        person = await native_accounts.add_user((email, False))
        address = await address_of(legacy, person.id, email)
        assert address is not None
        claimed.append(address)
    done = await asyncio.gather(*(verify(legacy, address) for address in claimed))
    assert sorted(done) == [False] * (AT_ONCE - 1) + [True]
    rows = await native_accounts.rows(
        "SELECT id FROM account_emailaddress WHERE email = %s AND verified", email
    )
    winner = claimed[done.index(True)]
    assert rows == [{"id": winner.id}]
    assert not await is_verified_elsewhere(legacy, winner)
    assert await is_verified_elsewhere(legacy, claimed[done.index(False)])


async def test_of_many_who_make_a_row_at_once_one_does(
    native_accounts: Side, legacy: AsyncEngine
) -> None:
    person, email = await newcomer(native_accounts), fresh_address()
    made = await asyncio.gather(
        *(create_address(legacy, person.id, email.upper()) for _ in range(AT_ONCE))
    )
    assert len({address for address, _ in made}) == 1
    assert [created for _, created in made].count(True) == 1


async def test_an_account_has_one_primary_address_whoever_asks_at_once(
    native_accounts: Side, legacy: AsyncEngine
) -> None:
    person = await newcomer(native_accounts)
    made = [await create_address(legacy, person.id, fresh_address()) for _ in range(AT_ONCE)]
    await asyncio.gather(*(set_primary(legacy, address) for address, _ in made))
    ((email,),) = [
        tuple(row.values())
        for row in await native_accounts.rows(
            'SELECT email FROM account_emailaddress WHERE user_id = %s AND "primary"', person.id
        )
    ]
    row = await native_accounts.row("SELECT email FROM users_user WHERE id = %s", person.id)
    assert row == {"email": email}


async def test_the_first_address_that_is_verified_becomes_primary(
    native_accounts: Side, legacy: AsyncEngine
) -> None:
    person = await native_accounts.add_user()
    first, _ = await create_address(legacy, person.id, fresh_address())
    second, _ = await create_address(legacy, person.id, fresh_address())
    assert [await verify(legacy, address) for address in (second, first)] == [True, True]
    best = await best_address_of(legacy, person.id)
    assert best is not None
    assert (best.id, best.verified, best.primary) == (second.id, True, True)
    row = await native_accounts.row("SELECT email FROM users_user WHERE id = %s", person.id)
    assert row == {"email": second.email}


async def test_what_the_table_cannot_hold(native_accounts: Side, legacy: AsyncEngine) -> None:
    person = await newcomer(native_accounts)
    with pytest.raises(ValueError, match="an address of 255 characters; 254 can be stored"):
        await create_address(legacy, person.id, "a" * 255)


async def test_what_nobody_has(native_accounts: Side, legacy: AsyncEngine) -> None:
    nobody = await native_accounts.add_user()
    assert await best_address_of(legacy, nobody.id) is None
    assert await address_of(legacy, nobody.id, "nobody@example.org") is None
    assert await address_by_id(legacy, 2**40) is None
    assert await owner_by_id(legacy, 2**40) is None
    assert await owner_by_id(legacy, 2**70) is None
