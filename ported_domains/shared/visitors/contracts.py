"""What the native side and the legacy site have agreed on; one for all requests of a process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from legacy_bridge.django.authentication.loading import UserQueries
from legacy_bridge.django.authentication.recognition import Recognition
from legacy_bridge.django.authentication.sign_in import Methods
from legacy_bridge.django.flags import FlagSettings
from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.django.hosts import HostRules
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.passwords.off_loop import PasswordThreads
from legacy_bridge.django.redirects import Destinations
from legacy_bridge.django.sessions.session import Session
from legacy_bridge.django.sessions.store import SessionStore
from legacy_bridge.django.settings import CsrfSettings, MessageSettings, Secrets, SessionSettings

CONTRACTS_KEY: Final = "contracts"
"""In the app's state."""

MessagesOf = Callable[[Session, str | None], Messages]
"""Of a session and the message cookie's value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracts:
    """`legacy` is in autocommit, as Django is: each statement is a transaction of its own."""

    secrets: Secrets
    legacy: AsyncEngine
    sessions: SessionStore
    session_settings: SessionSettings
    message_settings: MessageSettings
    messages_of: MessagesOf
    csrf: CsrfSettings
    hosts: HostRules | None = None
    """Whose site this is; None where only the proxy's own setting says."""
    destinations: Destinations
    login_url: str
    methods: Methods
    users: UserQueries
    recognition: Recognition
    passwords: PasswordThreads
    honeypot: Honeypot | None
    """None where the project has none: then no form has its field."""
    flags: FlagSettings
