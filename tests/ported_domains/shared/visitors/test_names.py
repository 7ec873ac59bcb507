"""What templates know of a visitor, and that nothing is looked up which they do not mention."""

import pytest
from django.template import Context, Engine
from jinja2 import Environment

from legacy_bridge.django.authentication.permissions import Perms
from legacy_bridge.django.authentication.user import ANONYMOUS, User
from legacy_bridge.django.csrf_token import is_token_of
from ported_domains.shared.visitors.contracts import Contracts
from ported_domains.shared.visitors.names import ALL, TemplateRequest, names
from tests.ported_domains.shared.visitors.alone import visitor
from tests.ported_domains.shared.visitors.twins import HOST, SECRET, Twins

MEMBER = User(
    id=1,
    username="member",
    password="",
    user_permissions=frozenset({"boxes.add_box"}),
    group_permissions=frozenset({"pages.change_page"}),
)


async def test_nothing_mentioned_is_nothing_known(contracts: Contracts) -> None:
    asking = visitor(contracts, ("cookie", "sessionid=" + "x" * 32))
    assert await names(asking, {"release", "visit"}) == {}
    assert not asking.session.accessed
    assert asking.csrf_to_save is None


async def test_all_that_may_be_mentioned(contracts: Contracts) -> None:
    assert (await names(visitor(contracts), ALL)).keys() == ALL


async def test_a_token_and_its_field(contracts: Contracts) -> None:
    asking = visitor(contracts, ("cookie", f"csrftoken={SECRET}"))
    known = await names(asking, {"csrf_input"})
    unprinted = asking.csrf_to_save
    assert unprinted is None
    token = str(known["csrf_token"])
    assert is_token_of(token, SECRET)
    assert str(known["csrf_token"]) == token
    # Django's own tag, of the same token
    template = Engine().from_string("{% csrf_token %}")
    assert str(known["csrf_input"]) == template.render(Context({"csrf_token": token}))
    assert Environment(autoescape=True).from_string("{{ csrf_input }}").render(known) == str(
        known["csrf_input"]
    )
    assert asking.csrf_to_save == SECRET
    assert not asking.session.accessed


async def test_messages(contracts: Contracts, twins: Twins) -> None:
    """To look whether there are any does not use them up."""
    added = await twins.legacy.post("/probes/messages/", level="30", text="a < b", tags="extra")
    cookie = ("cookie", f"messages={added.cookies['messages']}")
    source = '{% for each in messages %}<li class="{{ each.tags }}">{{ each }}</li>{% endfor %}'
    page = Environment(autoescape=True).from_string(source)
    known = await names(visitor(contracts, cookie), {"messages", "DEFAULT_MESSAGE_LEVELS"})
    assert len(known["messages"]) == 1
    assert page.render(known) == '<li class="extra warning">a &lt; b</li>'
    levels = {"DEBUG": 10, "INFO": 20, "SUCCESS": 25, "WARNING": 30, "ERROR": 40}
    assert known["DEFAULT_MESSAGE_LEVELS"] == levels


async def test_the_request(contracts: Contracts) -> None:
    fields = ("cookie", 'a=1; b="2"'), ("x-forwarded-proto", "https")
    asking = visitor(contracts, *fields, path="/ä/", query=b"a=1&a=2&b=%C3%A4", trusted=True)
    request: TemplateRequest = (await names(asking, {"request"}))["request"]
    assert (request.user, request.method, request.path) == (ANONYMOUS, "GET", "/ä/")
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
