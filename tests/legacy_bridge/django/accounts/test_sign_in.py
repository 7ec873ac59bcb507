"""Name or address and password: the same account by the same backend as there."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries, match_of, match_parameters
from legacy_bridge.django.authentication.sign_in import (
    ALLAUTH_BACKEND,
    MODEL_BACKEND,
    Match,
    Methods,
    Outcome,
    authenticate,
    credentials,
    must_confirm,
)
from legacy_bridge.django.passwords.checking import Passwords, Verdict
from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import RefusedError
from tests.legacy_bridge.django.vectors import fewer, many

HASHER = Pbkdf2("pbkdf2_sha256", "sha256", 3)
COSTS = {"pbkdf2_sha256": {"iterations": 3}}
STORED = {
    "right": HASHER.make(b"right"),
    "outdated": Pbkdf2("pbkdf2_sha256", "sha256", 2).make(b"right"),
    "other": HASHER.make(b"other"),
    "unusable": "!",
}
BOTH = Methods()
QUERIES = UserQueries()


class Inline:
    """Checks at once, and remembers how often."""

    def __init__(self) -> None:
        self.passwords = Passwords(HASHER, [HASHER])
        self.checked: list[str] = []

    async def verify(self, password: str, encoded: str) -> Verdict:
        self.checked.append(encoded)
        return self.passwords.verify(password, encoded)

    async def spend(self, password: str) -> None:
        self.checked.append("nobody")
        self.passwords.spend(password)


async def sign_in(
    matches: Sequence[Match], text: str, password: str = "right", methods: Methods = BOTH
) -> tuple[Outcome, list[str]]:
    async def look_up(asked: str) -> Sequence[Match]:
        assert asked == text
        return matches

    passwords = Inline()
    outcome = await authenticate(
        text, password, methods=methods, look_up=look_up, passwords=passwords
    )
    return outcome, passwords.checked


NAMES = ["bob", "BOB", "bob@example.org", "eve", "eve@example.org"]
EMAILS = ["bob@example.org", "eve@example.org", "Bob@example.org", "eve", ""]


@st.composite
def populations(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to four users; a verified address is of one of them only, as the table demands."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4))
    taken: set[str] = set()
    people = []
    for number, name in enumerate(names, 1):
        addresses = []
        for email in draw(st.lists(st.sampled_from(EMAILS[:2]), unique=True, max_size=2)):
            verified = email not in taken and draw(st.booleans())
            taken |= {email} if verified else set()
            addresses.append((email, verified))
        people.append(
            {
                "id": number,
                "username": name,
                "email": draw(st.sampled_from(EMAILS)),
                "password": STORED[draw(st.sampled_from(sorted(STORED)))],
                "is_active": draw(st.sampled_from([True, True, False])),
                "addresses": addresses,
            }
        )
    return people


def matches_of(people: list[dict[str, Any]], text: str) -> list[Match]:
    """What the query finds (it is tested below)."""
    found = []
    for person in people:
        addresses = dict(person["addresses"])
        match = Match(
            person["id"],
            person["username"],
            person["password"],
            person["is_active"],
            by_username=person["username"].upper() == text.upper(),
            by_email=person["email"] == text.lower(),
            by_address=addresses.get(text.lower()),
            has_verified=any(addresses.values()),
        )
        if match.by_username or match.by_email or match.by_address is not None:
            found.append(match)
    return found


def named(people: list[dict[str, Any]]) -> list[str]:
    return [person["username"] for person in people]


texts = st.sampled_from([*NAMES, *EMAILS, "Eve@Example.Org", "nobody", "nobody@example.org"])
method_sets = st.sampled_from([BOTH, BOTH, Methods(email=False), Methods(username=False)])


@many
@given(people=populations(), text=texts, methods=method_sets)
async def test_same_account_as_there(
    accounts: AccountsSide, people: list[dict[str, Any]], text: str, methods: Methods
) -> None:
    outcome, checked = await sign_in(matches_of(people, text), text, methods=methods)
    assert len(checked) == len(set(checked)) or len(checked) <= len(people)
    names = [name for name in ("username", "email") if getattr(methods, name)]
    try:
        there = accounts.ask(
            "authenticate",
            users=[{**person} for person in people],
            login=text,
            password="right",
            methods=names,
            costs=COSTS,
        )
    except RefusedError:
        # Several names that differ by case, none of them as written.
        assert len([name for name in map(str.upper, named(people)) if name == text.upper()]) > 1
        return
    found = outcome.match
    assert (found and found.user_id) == there["user"]
    assert outcome.backend == (there["backend"] if there["active"] else None)
    assert sorted(match.user_id for match in outcome.outdated) == there["made_anew"]
    if found is not None:
        assert must_confirm(found, credentials(text, methods)) is not there["verified"]


def account(number: int = 1, **changes: Any) -> Match:
    values = {
        "username": f"user{number}",
        "password": STORED["right"],
        "is_active": True,
        "by_username": True,
        "by_email": False,
        "by_address": None,
        "has_verified": False,
    }
    return Match(number, **{**values, **changes})


async def test_names_that_differ_by_case() -> None:
    """An error 500 there if neither is the exact one; here Django's own backend finds none."""
    two = [account(1, username="bob"), account(2, username="Bob")]
    exact, _ = await sign_in(two, "Bob")
    assert exact == Outcome(two[1], MODEL_BACKEND)
    neither, _ = await sign_in(two, "BOB")
    assert neither == Outcome(two[0], ALLAUTH_BACKEND)


@pytest.mark.parametrize(
    ("matches", "checked"),
    [
        pytest.param([], ["nobody"], id="nobody"),
        pytest.param([account(password=STORED["other"])], [STORED["other"]], id="by name"),
        pytest.param(
            [account(password=STORED["other"], by_email=True, by_address=True)],
            [STORED["other"]],
            id="by both",
        ),
        pytest.param([account(is_active=False)], [STORED["right"]], id="inactive"),
        pytest.param([account(password="!")], ["!"], id="unusable"),
    ],
)
async def test_costs_one_password_whoever_it_is(matches: list[Match], checked: list[str]) -> None:
    outcome, done = await sign_in(matches, "user1@example.org")
    assert outcome.backend is None
    assert done == checked


@pytest.mark.parametrize("text", ["bob\0", "\ud800", "\0", ""])
async def test_texts_that_cannot_be_stored_are_not_looked_up(text: str) -> None:
    async def look_up(asked: str) -> Sequence[Match]:
        raise AssertionError(asked)

    passwords = Inline()
    outcome = await authenticate(
        text, "\0\ud800", methods=BOTH, look_up=look_up, passwords=passwords
    )
    assert outcome == Outcome()
    assert passwords.checked == ["nobody"]


def test_backends_of_a_project_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^AUTHENTICATION_BACKENDS: .*site\.Ldap, site\.Saml"):
        Methods(backends=(MODEL_BACKEND, "site.Ldap", "site.Saml"))


async def test_only_the_backends_that_the_site_has() -> None:
    by_address = account(by_username=False, by_address=True)
    only_model = Methods(backends=(MODEL_BACKEND,))
    assert await sign_in([by_address], "a@example.org", methods=only_model) == (
        Outcome(),
        ["nobody"],
    )
    inactive = account(is_active=False)
    assert (await sign_in([inactive], "user1", methods=only_model))[0] == Outcome()
    assert (await sign_in([inactive], "user1"))[0] == Outcome(inactive)


@fewer
@given(people=populations(), text=texts)
async def test_query_finds_whom_the_text_can_mean(
    stored_accounts: AccountsSide,
    accounts_engine: AsyncEngine,
    people: list[dict[str, Any]],
    text: str,
) -> None:
    stored_accounts.ask("remove_rows")
    for person in people:
        stored_accounts.ask("add_user", **person)
    async with accounts_engine.connect() as connection:
        rows = await connection.execute(QUERIES.matches, match_parameters(text))
        found = [match_of(row) for row in rows.mappings()]
    assert found == matches_of(people, text)
