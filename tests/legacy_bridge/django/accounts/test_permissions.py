"""What a user may do: as there, and loaded in one round trip."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries, user_of
from legacy_bridge.django.authentication.session import USER_ID, claimed_user
from legacy_bridge.django.authentication.sign_in import MODEL_BACKEND
from legacy_bridge.django.authentication.user import ANONYMOUS, Group, User, Visitor
from legacy_bridge.django.flags import FLAG, Flag, flag_of
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import Secrets, SessionSettings
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET
from tests.legacy_bridge.django.vectors import fewer

QUERIES = UserQueries()
PERMISSIONS = ["jobs.add_job", "jobs.can_moderate_jobs", "sponsors.sponsor_publisher", "a.b.c"]
ASKED = [*PERMISSIONS, "jobs", "jobs.", "", "\0"]

some = st.lists(st.sampled_from(PERMISSIONS), unique=True, max_size=3)
scenarios = st.fixed_dictionaries(
    {
        "user": st.fixed_dictionaries(
            {
                "id": st.integers(1, 2**31 - 1),
                "username": st.just("somebody"),
                "first_name": st.sampled_from(["", "Ann"]),
                "last_name": st.sampled_from(["", "Lee"]),
                "is_active": st.booleans(),
                "is_superuser": st.sampled_from([False, False, True]),
                "is_staff": st.booleans(),
            }
        ),
        "own": some,
        "groups": st.dictionaries(st.sampled_from(["Job Board Admin", "editors"]), some),
    }
)


def answers(user: Visitor) -> dict[str, Any]:
    """As `rights._answers` has them."""
    return {
        "own": sorted(user.get_user_permissions()),
        "groups": sorted(user.get_group_permissions()),
        "all": sorted(user.get_all_permissions()),
        "of_object": sorted(user.get_all_permissions(object())),
        "has": {name: user.has_perm(name) for name in ASKED},
        "has_for_object": {name: user.has_perm(name, object()) for name in ASKED},
        "has_all": user.has_perms(ASKED),
        "modules": {
            label: user.has_module_perms(label)
            for label in sorted({name.partition(".")[0] for name in ASKED})
        },
    }


@fewer
@given(scenario=scenarios)
def test_rights_as_there(accounts: AccountsSide, scenario: dict[str, Any]) -> None:
    everything = {*scenario["own"], *(p for each in scenario["groups"].values() for p in each)}
    superuser = scenario["user"]["is_superuser"]
    ours = User(
        **scenario["user"],
        password="",
        user_permissions=frozenset(everything if superuser else scenario["own"]),
        group_permissions=frozenset(p for each in scenario["groups"].values() for p in each),
    )
    assert answers(ours) == accounts.ask("permissions", **scenario, asked=ASKED)


def test_nobody_may_do_anything(accounts: AccountsSide) -> None:
    assert answers(ANONYMOUS) == accounts.ask("anonymous_permissions", asked=ASKED)
    assert ANONYMOUS.has_perms([]) is True
    assert str(ANONYMOUS) == "AnonymousUser"
    assert (ANONYMOUS.is_anonymous, ANONYMOUS.is_authenticated) == (True, False)
    assert not ANONYMOUS.is_in_group("editors")


def test_names_that_templates_use() -> None:
    user = User(
        id=1,
        username="ann",
        password="secret",
        first_name="Ann",
        last_name="",
        groups=(Group(1, "editors"),),
    )
    assert (user.get_full_name(), user.get_short_name(), user.get_username()) == ("Ann",) * 2 + (
        "ann",
    )
    assert (str(user), user.pk, user.is_anonymous, user.is_authenticated) == ("ann", 1, False, True)
    assert user.is_in_group("jobs", "editors")
    assert not user.is_in_group("jobs")
    assert User(id=2, username="root", password="", is_superuser=True).is_in_group("jobs")
    assert user == User(id=1, username="renamed", password="")
    assert len({user, User(id=1, username="renamed", password="")}) == 1
    assert "secret" not in repr(user)
    for visitor in (user, ANONYMOUS):
        with pytest.raises(ValueError, match="not one"):
            visitor.has_perms("jobs.add_job")


@fewer
@given(scenario=scenarios)
async def test_loaded_in_one_statement(
    stored_accounts: AccountsSide, accounts_engine: AsyncEngine, scenario: dict[str, Any]
) -> None:
    there = stored_accounts.ask("permissions", **scenario, asked=ASKED)
    async with accounts_engine.connect() as connection:
        rows = await connection.execute(QUERIES.user, {"user": scenario["user"]["id"]})
        user = user_of(rows.mappings().one())
    assert user is not None
    assert answers(user) == there
    assert sorted(group.name for group in user.groups) == sorted(scenario["groups"])
    for name, value in scenario["user"].items():
        assert getattr(user, name) == value


async def test_session_and_user_in_one_statement(
    stored_accounts: AccountsSide, accounts_engine: AsyncEngine
) -> None:
    stored_accounts.ask("remove_rows")
    stored_accounts.ask("add_user", addresses=[], id=7, username="seven", password="x")
    values = {USER_ID: "7", "_auth_user_backend": MODEL_BACKEND}
    key = stored_accounts.ask("stored_session", values=values)
    codec = SessionCodec(Secrets(key=SECRET, fallbacks=(OLD_SECRET,)), SessionSettings().salt)
    now = datetime.now(UTC)
    async with accounts_engine.connect() as connection:
        for guess, name in ((7, "seven"), (8, None), (0, None), (2**63 - 1, None)):
            parameters = {"key": key, "now": now, "user": guess}
            row = (await connection.execute(QUERIES.session_and_user, parameters)).mappings().one()
            assert claimed_user(codec.decode(row["session_data"]), [MODEL_BACKEND]) == 7
            user = user_of(row)
            assert (user and user.username) == name
        late = {"key": key, "now": now + timedelta(days=15), "user": 7}
        assert (await connection.execute(QUERIES.session_and_user, late)).first() is None


async def test_what_a_login_writes(
    stored_accounts: AccountsSide, accounts_engine: AsyncEngine
) -> None:
    stored_accounts.ask("remove_rows")
    stored_accounts.ask("add_user", addresses=[], id=7, username="seven", password="old")
    now = datetime.now(UTC)
    async with accounts_engine.begin() as connection:
        await connection.execute(QUERIES.last_login, {"user": 7, "now": now})
        made_anew = {"user": 7, "old": "old", "new": "new"}
        assert (await connection.execute(QUERIES.new_password, made_anew)).rowcount == 1
        # Somebody changed it meanwhile.
        assert (await connection.execute(QUERIES.new_password, made_anew)).rowcount == 0
        row = (await connection.execute(QUERIES.user, {"user": 7})).mappings().one()
    user = user_of(row)
    assert user is not None
    assert (user.password, user.last_login) == ("new", now)


def test_tables_of_another_site() -> None:
    queries = UserQueries("auth_user")
    for name in queries.__slots__:
        assert "users_user" not in str(getattr(queries, name))
    assert "auth_user_user_permissions" in str(queries.user)


@pytest.mark.parametrize("table", ["", "auth user", "x; drop table y", 'a"b', "Users"])
def test_names_that_are_no_table(table: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        UserQueries(table)


async def test_flags_are_loaded_in_one_statement(
    stored_accounts: AccountsSide, accounts_engine: AsyncEngine
) -> None:
    stored_accounts.ask(
        "stored_flag", name="new", percent="12.5", rollout=True, users=[3, 4], groups=[2]
    )
    async with accounts_engine.connect() as connection:
        row = (await connection.execute(FLAG, {"name": "new"})).mappings().one()
        assert (await connection.execute(FLAG, {"name": "old"})).first() is None
    assert flag_of(row) == Flag(
        "new",
        percent=Decimal("12.5"),
        rollout=True,
        users=frozenset({3, 4}),
        groups=frozenset({2}),
    )
