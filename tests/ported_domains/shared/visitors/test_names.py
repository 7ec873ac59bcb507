"""What templates know of a visitor, and that nothing is looked up which they do not show."""

from typing import Any

import pytest
from django.template import Context, Engine
from jinja2 import Environment
from sqlalchemy.util import greenlet_spawn

from legacy_bridge.django.authentication.permissions import Perms
from legacy_bridge.django.authentication.user import ANONYMOUS, User
from legacy_bridge.django.csrf_token import is_token_of
from legacy_bridge.templates.environment import TemplateEnvironment
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.shared.visitors.names import TemplateRequest, names
from ported_domains.shared.visitors.state import VisitorState
from tests.ported_domains.shared.visitors.alone import visitor
from tests.ported_domains.shared.visitors.twins import HOST, SECRET, Twins

MEMBER = User(
    id=1,
    username="member",
    password="",
    user_permissions=frozenset({"boxes.add_box"}),
    group_permissions=frozenset({"pages.change_page"}),
)


def known(asking: VisitorState) -> dict[str, Any]:
    return names(TemplateRequest(asking.visit, asking), asking)


async def shown(source: str, asking: VisitorState) -> str:
    """The template as `Rendering.run` renders it."""
    page = TemplateEnvironment().from_django(source)
    return await greenlet_spawn(page.render, known(asking))


async def test_what_is_not_shown_is_not_looked_up(contracts: Contracts) -> None:
    asking = visitor(contracts, ("cookie", "sessionid=" + "x" * 32))
    source = "{% if release %}{{ user }}{{ csrf_token }}{{ messages }}{% endif %}{{ request.path }}"
    assert await shown(source, asking) == "/a/"
    assert not asking.session.accessed
    assert asking.csrf_to_save is None


async def test_a_token_and_its_field(contracts: Contracts) -> None:
    asking = visitor(contracts, ("cookie", f"csrftoken={SECRET}"))
    unprinted = asking.csrf_to_save
    assert unprinted is None
    token, again, field = (
        await shown("{{ csrf_token }} {{ csrf_token }} {% csrf_token %}", asking)
    ).split(" ", 2)
    assert is_token_of(token, SECRET)
    assert again == token
    # Django's own tag, of the same token
    template = Engine().from_string("{% csrf_token %}")
    assert field == template.render(Context({"csrf_token": token}))
    assert asking.csrf_to_save == SECRET
    assert not asking.session.accessed


async def test_messages(contracts: Contracts, twins: Twins) -> None:
    """To look whether there are any does not use them up."""
    added = await twins.legacy.post("/probes/messages/", level="30", text="a < b", tags="extra")
    cookie = ("cookie", f"messages={added.cookies['messages']}")
    asking = visitor(contracts, cookie)
    assert await shown("{% if messages %}{{ messages|length }}{% endif %}", asking) == "1"
    source = '{% for each in messages %}<li class="{{ each.tags }}">{{ each }}</li>{% endfor %}'
    assert await shown(source, asking) == '<li class="extra warning">a &lt; b</li>'
    levels = {"DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40}
    assert known(asking)["DEFAULT_MESSAGE_LEVELS"] == levels


async def test_nobody_has_neither_messages_nor_token(contracts: Contracts) -> None:
    visit = visitor(contracts).visit
    assert {**names(TemplateRequest(visit, None), None)}.keys() == {
        "request",
        "user",
        "perms",
        "messages",
        "DEFAULT_MESSAGE_LEVELS",
    }
    assert TemplateRequest(visit, None).user is ANONYMOUS


async def test_the_request(contracts: Contracts) -> None:
    fields = ("cookie", 'a=1; b="2"'), ("x-forwarded-proto", "https")
    asking = visitor(contracts, *fields, path="/ä/", query=b"a=1&a=2&b=%C3%A4", trusted=True)
    request = TemplateRequest(asking.visit, asking)
    user = await greenlet_spawn(lambda: request.user)
    assert (user, request.method, request.path) == (ANONYMOUS, "GET", "/ä/")
    assert request.GET.get_all("a") == ["1", "2"]
    assert request.COOKIES == {"a": "1", "b": "2"}
    assert request.get_full_path() == "/%C3%A4/?a=1&a=2&b=%C3%A4"
    assert (request.get_host(), request.is_secure()) == (HOST, True)
    assert request.build_absolute_uri() == f"https://{HOST}/%C3%A4/?a=1&a=2&b=%C3%A4"


PERMISSIONS = {
    "perms.boxes.add_box": True,
    "perms.boxes.change_box": False,
    "perms.boxes": True,
    "perms.jobs": False,
    "perms.pages.change_page": True,
    'perms["boxes"]["add_box"]': True,
    '"boxes.add_box" in perms': True,
    '"boxes.change_box" in perms': False,
    '"boxes" in perms': True,
    '"jobs" in perms': False,
}


@pytest.mark.parametrize("expression", PERMISSIONS)
def test_permissions(expression: str) -> None:
    said = Environment(autoescape=True).compile_expression(f"({expression}) and true or false")
    assert said(perms=Perms(MEMBER)) is PERMISSIONS[expression]
    assert said(perms=Perms(ANONYMOUS)) is False
    assert said(perms=Perms(User(id=2, username="root", password="", is_superuser=True))) is True
