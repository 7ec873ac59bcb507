"""What templates know of the visitor, by Django's names (behaviour/site.md §6).

Only the names that a template mentions are looked up, so that a page which is the same for all
visitors costs no question to the legacy database.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from markupsafe import Markup

from legacy_bridge.django.authentication.permissions import Perms
from legacy_bridge.django.authentication.user import Visitor
from legacy_bridge.django.csrf_token import FIELD
from legacy_bridge.django.settings import DEFAULT_TAGS
from ported_domains.shared.forms.values import Values
from ported_domains.shared.visitors.state import VisitorState

OF_THE_USER: Final = frozenset({"user", "perms", "request"})
OF_THE_FORM: Final = frozenset({"csrf_token", "csrf_input"})
MESSAGES: Final = "messages"
LEVELS: Final = "DEFAULT_MESSAGE_LEVELS"
HONEYPOT: Final = "honeypot"
ALL: Final = OF_THE_USER | OF_THE_FORM | {MESSAGES, LEVELS, HONEYPOT}

_LEVELS: Final = MappingProxyType({tag.upper(): level for level, tag in DEFAULT_TAGS.items()})


@dataclass(frozen=True, slots=True)
class TemplateRequest:
    """`request` in a template."""

    user: Visitor
    path: str
    method: str
    scheme: str
    host: str
    GET: Values
    COOKIES: Mapping[str, str]
    full_path: str

    def get_full_path(self) -> str:
        return self.full_path

    def get_host(self) -> str:
        return self.host

    def is_secure(self) -> bool:
        return self.scheme == "https"

    def build_absolute_uri(self) -> str:
        return f"{self.scheme}://{self.host}{self.full_path}"


class LazyToken:
    """Made when it is printed: a page that only might have a form sets no cookie."""

    __slots__ = ("_token", "_visitor")

    def __init__(self, visitor: VisitorState) -> None:
        self._visitor = visitor
        self._token = ""

    def __str__(self) -> str:
        self._token = self._token or self._visitor.csrf.token()
        return self._token

    def __html__(self) -> str:
        return str(self)  # letters and digits


class HiddenInput:
    """The field of a form that has the token."""

    __slots__ = ("_token",)

    def __init__(self, token: LazyToken) -> None:
        self._token = token

    def __html__(self) -> Markup:
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, str(self._token))

    def __str__(self) -> str:
        return str(self.__html__())


async def names(visitor: VisitorState, mentioned: Set[str]) -> dict[str, Any]:
    """Those of `ALL` that are mentioned."""
    known: dict[str, Any] = {}
    if not OF_THE_USER.isdisjoint(mentioned):
        await visitor.load()
        known["user"] = visitor.user
        known["perms"] = Perms(visitor.user)
        known["request"] = _request(visitor)
    if MESSAGES in mentioned:
        await visitor.load_messages()
        known[MESSAGES] = visitor.messages
    if not OF_THE_FORM.isdisjoint(mentioned):
        known |= await _token(visitor)
    if LEVELS in mentioned:
        known[LEVELS] = _LEVELS
    if HONEYPOT in mentioned:
        known[HONEYPOT] = visitor.contracts.honeypot
    return known


async def _token(visitor: VisitorState) -> dict[str, Any]:
    if visitor.contracts.csrf.in_session:
        await visitor.session.load()
    token = LazyToken(visitor)
    return {"csrf_token": token, "csrf_input": HiddenInput(token)}


def _request(visitor: VisitorState) -> TemplateRequest:
    visit = visitor.visit
    return TemplateRequest(
        user=visitor.user,
        path=visit.path,
        method=visit.method,
        scheme=visit.scheme,
        host=visit.host,
        GET=visitor.query,
        COOKIES=visitor.cookies,
        full_path=visit.full_path,
    )
