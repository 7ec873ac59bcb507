"""What templates know of the visitor, by Django's names (behaviour/site.md §6).

Only what a template asks for is looked up, so that a page which is the same for all visitors costs
no question to the legacy database: a name's value may be a function, which is called where the name
stands.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from legacy_bridge.django.authentication.permissions import Perms
from legacy_bridge.django.authentication.user import ANONYMOUS, User
from legacy_bridge.django.messages.messages import Messages
from legacy_bridge.django.settings import DEFAULT_TAGS
from ported_domains.shared.forms.values import Values
from ported_domains.shared.visit import Visit
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.shared.waiting import waited

_LEVELS: Final = MappingProxyType({tag.upper(): level for level, tag in DEFAULT_TAGS.items()})


Person = Callable[[User, VisitorState], Any]
"""A signed-in user as the site's templates see them."""


class TemplateRequest:
    """`request` in a template. Without a visitor nobody is signed in."""

    def __init__(
        self, visit: Visit, visitor: VisitorState | None, person: Person | None = None
    ) -> None:
        """Without `person` its user must have been loaded, and is the account itself."""
        self._visit = visit
        self._visitor = visitor
        self._person = person
        self._user: Any = None
        self.path = self.path_info = visit.path
        self.method = visit.method
        self.scheme = visit.scheme
        self.host = visit.host

    @property
    def user(self) -> Any:
        if self._user is None:
            self._user = ANONYMOUS if self._visitor is None else self._known(self._visitor)
        return self._user

    def _known(self, visitor: VisitorState) -> Any:
        if not visitor.is_loaded:
            waited(visitor.load())
        user = visitor.user
        if self._person is None or not isinstance(user, User):
            return user
        return self._person(user, visitor)

    @property
    def GET(self) -> Values:  # noqa: N802  # Django's name
        if self._visitor is None:
            return Values.parse_query(self._visit.query)
        return self._visitor.query

    @property
    def POST(self) -> Values:  # noqa: N802  # Django's name
        return Values() if self._visitor is None else self._visitor.form

    @property
    def COOKIES(self) -> Mapping[str, str]:  # noqa: N802  # Django's name
        self._visit.good_for = 0  # the next visitor's may be others
        return {} if self._visitor is None else self._visitor.cookies

    def get_full_path(self) -> str:
        return self._visit.full_path

    def get_host(self) -> str:
        return self.host

    def is_secure(self) -> bool:
        return self.scheme == "https"

    def build_absolute_uri(self) -> str:
        return f"{self._visit.origin}{self._visit.full_path}"


class LazyToken:
    """Made when it is printed: a page that only might have a form sets no cookie."""

    __slots__ = ("_token", "_visitor")

    def __init__(self, visitor: VisitorState) -> None:
        self._visitor = visitor
        self._token = ""

    def __str__(self) -> str:
        self._token = self._token or self._made()
        return self._token

    def __html__(self) -> str:
        return str(self)  # letters and digits

    def _made(self) -> str:
        if self._visitor.contracts.csrf.in_session:
            waited(self._visitor.session.load())
        return self._visitor.csrf.token()


def names(request: TemplateRequest, visitor: VisitorState | None) -> dict[str, Any]:
    """All of them. They are asked within `Rendering.run`."""
    known: dict[str, Any] = {
        "request": request,
        "user": lambda: request.user,
        "perms": lambda: Perms(request.user),
        "messages": (),
        "DEFAULT_MESSAGE_LEVELS": _LEVELS,
    }
    if visitor is not None:
        known["messages"] = lambda: _messages(visitor)
        known["csrf_token"] = LazyToken(visitor)
    return known


def _messages(visitor: VisitorState) -> Messages:
    waited(visitor.load_messages())
    return visitor.messages
