"""A name or address and a password: whose account, by which backend (behaviour/accounts.md).

One query finds every account that the text can mean (`loading.py`). Then the backends say in which
order passwords are tried, as Django's ModelBackend and allauth's do; an account that several of
them name is tried once, so that a login costs one password's time whether or not it exists.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from legacy_bridge.django.emails import is_email
from legacy_bridge.django.passwords.checking import Verdict
from legacy_bridge.django.secrecy import storable

MODEL_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
ALLAUTH_BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True, slots=True)
class Match:
    """An account that the text can mean, and why."""

    user_id: int
    username: str
    password: str = field(repr=False)
    is_active: bool
    by_username: bool
    """The text is its name, ignoring case."""
    by_email: bool
    """The user's own row has that address."""
    by_address: bool | None
    """Whether the user's row in `account_emailaddress` with it is verified; None without one."""
    has_verified: bool
    """Whether any of the user's addresses is."""


@dataclass(frozen=True, slots=True)
class Methods:
    """ACCOUNT_LOGIN_METHODS and AUTHENTICATION_BACKENDS; ValueError for backends not known here."""

    username: bool = True
    email: bool = True
    backends: tuple[str, ...] = (MODEL_BACKEND, ALLAUTH_BACKEND)

    def __post_init__(self) -> None:
        strange = [path for path in self.backends if path not in (MODEL_BACKEND, ALLAUTH_BACKEND)]
        if strange:
            raise ValueError(f"AUTHENTICATION_BACKENDS: cannot do what {', '.join(strange)} does")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a form's one field was taken for; an address may be a name, too."""

    username: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`match` is None where no account has this password.

    With `backend` None its account is inactive: the password is right, but there is no login.
    `outdated` are the accounts whose password is to be made anew; before the session is changed,
    for it is tied to the stored text.
    """

    match: Match | None = None
    backend: str | None = None
    outdated: tuple[Match, ...] = ()


class PasswordCheck(Protocol):
    """Such as `PasswordThreads`."""

    async def verify(self, password: str, encoded: str) -> Verdict: ...
    async def spend(self, password: str) -> None: ...


def credentials(text: str, methods: Methods) -> Credentials:
    """How allauth reads its login field."""
    if not methods.email:
        return Credentials(text, None)
    if not methods.username:
        return Credentials(None, text)
    return Credentials(text, text if is_email(text) else None)


async def authenticate(
    text: str,
    password: str,
    *,
    methods: Methods,
    look_up: Callable[[str], Awaitable[Sequence[Match]]],
    passwords: PasswordCheck,
) -> Outcome:
    """`look_up` returns the matches, lowest id first. It is not asked for what nobody can have."""
    matches = await look_up(text) if text and storable(text) else ()
    return await try_passwords(
        attempts(text, credentials(text, methods), matches, methods), password, passwords
    )


async def try_passwords(
    tried: Iterator[tuple[str, Match]], password: str, passwords: PasswordCheck
) -> Outcome:
    """The first active account that it opens; else the last inactive one, as with allauth."""
    verdicts: dict[int, Verdict] = {}
    outdated: list[Match] = []
    inactive: Match | None = None
    for backend, match in tried:
        if match.user_id not in verdicts:
            verdict = await passwords.verify(password, match.password)
            verdicts[match.user_id] = verdict
            if verdict.correct and verdict.outdated:
                outdated.append(match)
        if not verdicts[match.user_id].correct:
            continue
        if match.is_active:
            return Outcome(match, backend, tuple(outdated))
        # Django's own backend tells nobody that an account is inactive.
        if backend == ALLAUTH_BACKEND:
            inactive = match
    if not verdicts:
        await passwords.spend(password)
    return Outcome(inactive, None, tuple(outdated))


def attempts(
    text: str, given: Credentials, matches: Sequence[Match], methods: Methods
) -> Iterator[tuple[str, Match]]:
    """Backends and accounts in the order in which Django would try them; accounts may repeat."""
    for backend in methods.backends:
        if backend == ALLAUTH_BACKEND:
            found = _of_allauth(given, matches, methods)
        else:
            found = _of_name(text, given, matches)
        for match in found:
            yield backend, match


def _of_name(text: str, given: Credentials, matches: Sequence[Match]) -> Iterator[Match]:
    """Django's own backend. Where only case tells names apart it must be the exact one.

    Django fails if it is none of them.
    """
    if given.username is None:
        return
    named = [match for match in matches if match.by_username]
    exact = [match for match in named if match.username == text]
    if exact or len(named) == 1:
        yield (exact or named)[0]


def _of_allauth(given: Credentials, matches: Sequence[Match], methods: Methods) -> Iterator[Match]:
    addressed = _of_address(matches) if methods.email else []
    if given.username is not None:
        # Other callers pass addresses as names, so allauth tries them as both.
        yield from addressed
        if methods.username:
            yield from [match for match in matches if match.by_username][:1]
    if given.email is not None:
        yield from addressed


def _of_address(matches: Sequence[Match]) -> list[Match]:
    """Who verified the address has it alone; else all who claim it."""
    verified = [match for match in matches if match.by_address]
    return verified or [
        match for match in matches if match.by_address is not None or match.by_email
    ]


def must_confirm(match: Match, given: Credentials) -> bool:
    """Whether a mail has to be answered before the login, where verification is mandatory.

    Who typed an address must have verified that one, who typed a name any of theirs.
    """
    return not (match.by_address if given.email is not None else match.has_verified)
