"""A login in the session: whose it is, and what login, log-out and a new password make of it."""

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.django.authentication.session import (
    BACKEND,
    HASH,
    LOG_OUT,
    USER_ID,
    SessionChange,
    apply,
    claimed_user,
    log_in,
    password_changed,
    session_hash,
    visitor_of,
)
from legacy_bridge.django.authentication.sign_in import (
    ALLAUTH_BACKEND,
    MODEL_BACKEND,
)
from legacy_bridge.django.authentication.user import ANONYMOUS, User
from legacy_bridge.django.settings import Secrets
from tests.legacy_bridge.django.accounts.side import AccountsSide
from tests.legacy_bridge.django.django_side import OLD_SECRET, SECRET, RefusedError
from tests.legacy_bridge.django.vectors import json_values, many

SECRETS = Secrets(key=SECRET, fallbacks=(OLD_SECRET,))
BACKENDS = (MODEL_BACKEND, ALLAUTH_BACKEND)
PASSWORDS = st.sampled_from(["pbkdf2_sha256$3$a$b", "pbkdf2_sha256$3$c$d", "!unusable", ""])
HASHES = PASSWORDS.flatmap(
    lambda password: st.sampled_from(
        [session_hash(password, key) for key in (SECRET, OLD_SECRET, "a forger's")]
    )
)


class Opened(dict[str, Any]):
    """A session that remembers what became of its key."""

    key = "kept"

    async def cycle_key(self) -> None:
        self.key = "cycled"

    async def flush(self) -> None:
        self.clear()
        self.key = "flushed"


async def after(change: SessionChange, session: Mapping[str, Any]) -> list[Any]:
    opened = Opened(session)
    await apply(change, opened)
    return [opened.key, dict(opened)]


logins = st.fixed_dictionaries(
    {},
    optional={
        USER_ID: st.sampled_from(["1", "2", 1, " 1", "x", "", None, "9" * 30, [1], "\0", "\ud800"]),
        BACKEND: st.sampled_from([*BACKENDS, "gone.Backend", None, ["x"]]),
        HASH: HASHES | st.sampled_from(["", None, "é", "\ud800", 7, "0" * 64]),
        "other": json_values,
    },
)
true_logins = st.builds(
    lambda user, backend, proof: {USER_ID: user, BACKEND: backend, HASH: proof, "other": 1},
    st.sampled_from(["1", "2"]),
    st.sampled_from(BACKENDS),
    HASHES,
)
sessions = logins | true_logins
users = st.none() | st.builds(
    lambda password, active: User(id=1, username="a", password=password, is_active=active),
    PASSWORDS,
    st.sampled_from([True, True, False]),
)


def row(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "username": user.username,
        "password": user.password,
        "is_active": user.is_active,
    }


@many
@given(session=sessions, user=users)
async def test_visitor_as_there(
    accounts: AccountsSide, session: dict[str, Any], user: User | None
) -> None:
    claimed = claimed_user(session, BACKENDS)
    found = user if user is not None and claimed == user.id else None
    visitor, change = visitor_of(session, found, SECRETS)
    ours = [visitor.id, *await after(change, session)]
    try:
        there = accounts.ask("visitor", session=session, user=user and row(user))
    except RefusedError:
        # An id or hash that is none: an error 500 there.
        assert visitor == ANONYMOUS
        return
    assert ours == there


@many
@given(session=sessions, password=PASSWORDS)
async def test_login_as_there(
    accounts: AccountsSide, session: dict[str, Any], password: str
) -> None:
    user = User(id=1, username="a", password=password)
    ours = await after(log_in(session, user, ALLAUTH_BACKEND, SECRETS), session)
    assert ours[1][HASH] == session_hash(password, SECRET)
    try:
        there = accounts.ask(
            "log_in", session=session, user_id=1, password=password, backend=ALLAUTH_BACKEND
        )
    except RefusedError:
        assert ours[0] == "flushed"
        return
    assert ours == there


@many
@given(session=sessions, visitor=st.sampled_from([1, 2]), password=PASSWORDS)
async def test_new_password_as_there(
    accounts: AccountsSide, session: dict[str, Any], visitor: int, password: str
) -> None:
    changed = User(id=1, username="a", password=password)
    asking = User(id=visitor, username="b", password="x")
    change = password_changed(asking, changed, SECRETS)
    there = accounts.ask("password_changed", session=session, user_id=visitor, changed=row(changed))
    assert await after(change, session) == there


async def test_log_out_as_there(accounts: AccountsSide) -> None:
    session = {USER_ID: "1", "other": 1}
    assert await after(LOG_OUT, session) == accounts.ask("log_out", session=session)
    assert await after(LOG_OUT, session) == ["flushed", {}]


async def test_life_of_a_login() -> None:
    """In words: what each step does to the key and to the values."""
    user = User(id=1, username="a", password="first")
    anonymous = {"basket": [1]}
    key, session = await after(log_in(anonymous, user, MODEL_BACKEND, SECRETS), anonymous)
    assert key == "cycled"
    assert session == {
        "basket": [1],
        USER_ID: "1",
        BACKEND: MODEL_BACKEND,
        HASH: session_hash("first", SECRET),
    }
    assert claimed_user(session, BACKENDS) == 1
    assert claimed_user(session, [ALLAUTH_BACKEND]) is None
    assert visitor_of(session, user, SECRETS) == (user, SessionChange())
    # The key was replaced: it may still be a fallback, or gone.
    replaced = Secrets(key="new", fallbacks=(SECRET,))
    visitor, change = visitor_of(session, user, replaced)
    assert visitor == user
    assert await after(change, session) == [
        "cycled",
        {**session, HASH: session_hash("first", "new")},
    ]
    assert visitor_of(session, user, Secrets(key="new")) == (ANONYMOUS, LOG_OUT)
    # A login without a proof is none.
    assert visitor_of({**session, HASH: ""}, user, SECRETS) == (ANONYMOUS, LOG_OUT)
    # The password was changed elsewhere.
    other = User(id=1, username="a", password="second")
    assert visitor_of(session, other, SECRETS) == (ANONYMOUS, LOG_OUT)
    # Somebody else logs in on the same browser.
    guest = User(id=2, username="b", password="x")
    key, session = await after(log_in(session, guest, MODEL_BACKEND, SECRETS), session)
    assert key == "flushed"
    assert "basket" not in session
