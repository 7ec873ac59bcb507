"""Somebody with an account and a browser that has been let in."""

from datetime import UTC, datetime, timedelta
from itertools import count

from legacy_bridge.django.authentication.session import BACKEND, HASH, USER_ID, session_hash
from legacy_bridge.django.authentication.sign_in import MODEL_BACKEND
from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.sessions.store import new_key
from legacy_bridge.django.settings import SessionSettings
from proxy.demo.parts import SECRET_KEY
from tests.ported_domains.users.accounts.agreed import SECRETS
from tests.ported_domains.users.accounts.sides import Answer, Browser, Person, Side

_NUMBERS = count(1)
_CODEC = SessionCodec(SECRETS, SessionSettings().salt)


def fresh_address() -> str:
    return f"someone{next(_NUMBERS)}@example.org"


async def newcomer(side: Side, *, verified: bool = True) -> Person:
    """With one address, which is primary."""
    email = fresh_address()
    return await side.add_user((email, verified), email=email)


async def entered(side: Side, person: Person, *, as_if: str | None = None) -> Browser:
    """Signed in, with a CSRF cookie; without the second that a password takes.

    With `as_if` the account gets that text for a password before.
    """
    if as_if is not None:
        await side.rows("UPDATE users_user SET password = %s WHERE id = %s", as_if, person.id)
    row = await side.row("SELECT password FROM users_user WHERE id = %s", person.id)
    proof = session_hash(row["password"], SECRET_KEY)
    values = {USER_ID: str(person.id), BACKEND: MODEL_BACKEND, HASH: proof}
    key, ends = new_key(), datetime.now(UTC) + timedelta(days=1)
    await side.rows(
        "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)",
        key,
        _CODEC.encode(values),
        ends,
    )
    browser = side.browser()
    await browser.get("/accounts/login/")
    browser.cookies["sessionid"] = key
    return browser


def sent(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.location
