"""What a request gives back to its visitor, in the order in which Django's middleware does it."""

from collections.abc import Iterable
from typing import Final

from legacy_bridge.django.cookies import CookieAttributes, set_cookie
from legacy_bridge.django.csrf_token import SESSION_KEY
from legacy_bridge.django.sessions.closing import close
from legacy_bridge.django.vary import vary_on
from ported_domains.shared.visitors.state import VisitorState

Headers = list[tuple[bytes, bytes]]
_VARY: Final = b"vary"


async def settle(
    visitor: VisitorState, status: int, headers: Iterable[tuple[bytes, bytes]]
) -> Headers:
    """The answer's headers, with what belongs to this visitor. Saves the session.

    Raises `SessionInterruptedError` if another request ended the session meanwhile.
    """
    lines = list(visitor.set_cookies)
    _keep_flags(visitor, lines)
    await visitor.messages.store(lines)
    varies = await _keep_secret(visitor, lines)
    settings = visitor.contracts.session_settings
    fields = await close(
        visitor.session,
        settings,
        cookie_sent=settings.cookie_name in visitor.cookies,
        status=status,
    )
    if fields.set_cookie is not None:
        lines.append(fields.set_cookie)
    kept = list(headers)
    if varies or fields.vary:
        kept = _varying(kept)
    return kept + [(b"set-cookie", line) for line in lines]


def _keep_flags(visitor: VisitorState, lines: list[bytes]) -> None:
    if visitor.drawn_flags is None:
        return
    for cookie in visitor.drawn_flags.cookies():
        attributes = CookieAttributes(secure=cookie.secure)
        lines.append(set_cookie(cookie.name, cookie.value, attributes, max_age=cookie.max_age))


async def _keep_secret(visitor: VisitorState, lines: list[bytes]) -> bool:
    """The CSRF secret, where a form or a login made or renewed it."""
    secret, settings = visitor.csrf_to_save, visitor.contracts.csrf
    if secret is None:
        return False
    if settings.in_session:
        await visitor.session.load()
        if visitor.session.get(SESSION_KEY) != secret:
            visitor.session[SESSION_KEY] = secret
        return False
    age = settings.cookie_age
    lines.append(set_cookie(settings.cookie_name, secret, settings.cookie, max_age=age))
    return True


def _varying(headers: Headers) -> Headers:
    """One Vary field, with Cookie in it."""
    given = [value.decode("latin-1") for name, value in headers if name.lower() == _VARY]
    field = vary_on(", ".join(given) if given else None, "Cookie").encode("latin-1")
    return [*(pair for pair in headers if pair[0].lower() != _VARY), (_VARY, field)]
