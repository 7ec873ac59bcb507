"""One request's visitor: what is known, what happens to it, what the answer must give back."""

from collections.abc import Mapping

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.types import Scope

from legacy_bridge.django.authentication.session import apply, log_in, password_changed
from legacy_bridge.django.authentication.user import ANONYMOUS, User, Visitor
from legacy_bridge.django.cookies import parse_cookies
from legacy_bridge.django.csrf_token import SESSION_KEY, CsrfState, format_fault
from legacy_bridge.django.flags import FLAG, Flag, Flags, FlagVisitor, flag_of
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.sessions.session import Session
from ported_domains.shared.forms.values import Values
from ported_domains.shared.visit import TRUSTED_PEER_KEY, Visit
from ported_domains.shared.visitors.contracts import Contracts


class VisitorState:
    """Nothing is asked of a database before `load` or `load_messages`, and by neither without a
    session cookie."""

    def __init__(
        self, contracts: Contracts, visit: Visit, headers: Mapping[str, str], scope: Scope
    ) -> None:
        """`headers` are those of `headers_of`."""
        self.contracts = contracts
        self.visit = visit
        self.headers = headers
        self.cookies = parse_cookies(headers.get("cookie", "").encode("latin-1"))
        self.form = Values()
        """What was posted, once the gate has read it."""
        self.set_cookies: list[bytes] = []
        """Values of further Set-Cookie lines of the answer."""
        sessions = contracts.session_settings
        self.session = Session(contracts.sessions, sessions, self.cookies.get(sessions.cookie_name))
        self.messages: Messages = contracts.messages_of(
            self.session, self.cookies.get(contracts.message_settings.cookie_name)
        )
        self._scope = scope
        self._query: Values | None = None
        self._csrf: CsrfState | None = None
        self._user: Visitor | None = None
        self._flags: Flags | None = None
        self._asked_for_flag = False

    @property
    def query(self) -> Values:
        """Django's `request.GET`."""
        if self._query is None:
            self._query = Values.parse_query(self.visit.query)
        return self._query

    @property
    def user(self) -> Visitor:
        """`RuntimeError` before `load()`."""
        if self._user is None:
            raise RuntimeError("await visitor.load() comes first")
        return self._user

    @property
    def is_loaded(self) -> bool:
        return self._user is not None

    @property
    def csrf(self) -> CsrfState:
        """With CSRF_USE_SESSIONS only after `load()`."""
        if self._csrf is None:
            self._csrf = CsrfState(self.stored_csrf)
        return self._csrf

    @property
    def stored_csrf(self) -> str | None:
        """The value that the visitor's secret is kept in, as it came."""
        settings = self.contracts.csrf
        if not settings.in_session:
            return self.cookies.get(settings.cookie_name)
        kept = self.session.get(SESSION_KEY)
        return kept if isinstance(kept, str) else None

    @property
    def touched(self) -> bool:
        """Whether the answer to somebody who came with neither session nor message became this
        visitor's own: by a token, a message, a cookie, a flag that is not the same for everyone.
        Merely looked at, such a visitor is nobody, as everybody else is who comes so."""
        known = self._csrf is not None or self._flags is not None or self._asked_for_flag
        return known or self.session.modified or self.messages.added or bool(self.set_cookies)

    @property
    def secure(self) -> bool:
        return self.visit.scheme == "https"

    @property
    def address(self) -> str:
        """Where the visitor is: what the legacy site reads from the proxy's X-Forwarded-For.

        Only a trusted front server's word counts, and of its chain the first address.
        """
        client = self._scope.get("client")
        peer: str = client[0] if client else ""
        if not self._scope.get(TRUSTED_PEER_KEY):
            return peer
        said = self.headers.get("x-forwarded-for")
        return said.partition(",")[0] if said else peer

    def absolute(self, path: str) -> str:
        return f"{self.visit.origin}{path}"

    async def load(self) -> None:
        """Session and user."""
        if self._user is None:
            self._user = await self.contracts.recognition.recognise(self.session)

    async def load_messages(self) -> None:
        await self.messages.load()

    async def log_in(self, user: User, backend: str) -> None:
        """`user` with the password as it is stored now. Nobody knows session or secret before."""
        await self.load()
        await apply(log_in(self.session, user, backend, self.contracts.secrets), self.session)
        self.csrf.rotate()
        self._user = user

    async def log_out(self) -> None:
        """Forget the session, here and in the store."""
        await self.session.load()
        await self.session.flush()
        self._user = ANONYMOUS

    async def password_changed(self, changed: User) -> None:
        """Keep this session of `changed`, whose row is as it is now; all others end."""
        change = password_changed(self.user, changed, self.contracts.secrets)
        await apply(change, self.session)
        if self.user.id == changed.id:
            self._user = changed

    async def flag_is_on(self, name: str) -> bool:
        """Whether a feature is on for this visitor; what was drawn goes into a cookie."""
        self._asked_for_flag = True
        async with self.contracts.legacy.connect() as connection:
            row = (await connection.execute(FLAG, {"name": name})).mappings().first()
        flag = None if row is None else flag_of(row)
        if flag is not None and flag.everyone is None:
            await self.load()
        return self.has(flag)

    def has(self, flag: Flag | None) -> bool:
        """`flag_is_on` for a row that was read; None is a flag that does not exist. Comes after
        `load` where the flag is not the same for everyone."""
        if flag is not None and flag.everyone is None:
            return self._flags_of(self.user).is_on(flag)
        # Nobody in particular is asked about, so the answer is the same for all, as with waffle.
        return Flags(self._asking(ANONYMOUS), self.contracts.flags).is_on(flag)

    def _flags_of(self, user: Visitor) -> Flags:
        if self._flags is None:
            self._flags = Flags(self._asking(user), self.contracts.flags)
        return self._flags

    def _asking(self, user: Visitor) -> FlagVisitor:
        return FlagVisitor(user, {key: self.query[key] for key in self.query}, self.cookies)

    @property
    def csrf_to_save(self) -> str | None:
        """A secret that a form or a login made or renewed, or that replaces a spoiled cookie."""
        if self._csrf is None and not self._has_spoiled_csrf:
            return None
        return self.csrf.to_save

    @property
    def _has_spoiled_csrf(self) -> bool:
        if self.contracts.csrf.in_session:
            return False
        return self.stored_csrf is not None and format_fault(self.stored_csrf) is not None

    @property
    def drawn_flags(self) -> Flags | None:
        return self._flags


Calling = NamedDependency[VisitorState]
"""The handler's argument `visitor`."""

Asking = NamedDependency[SkipValidation[Visitor]]
"""The handler's argument `user`."""
