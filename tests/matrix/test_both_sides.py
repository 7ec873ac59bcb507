"""What is begun on one side and gone on with on the other, against real Djangos over real HTTP.

Every test runs for {started on legacy, on native} and {finished on legacy, on native}.
"""

import asyncio
import json
import re
from itertools import count

import pytest

from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from tests.matrix.conftest import World
from tests.matrix.visitor import Visitor
from tests.ported_domains.users.accounts.sides import HONEYPOT, PASSWORD, Person, Side

pytestmark = pytest.mark.matrix

OTHER_PASSWORD = "another horse"
NUMBERS = count(1)
ITERATIONS = 20_000
"""Of the bundled site's quick passwords: what the manifest says is what both sides do."""
HASH = Pbkdf2("pbkdf2_sha256", "sha256", ITERATIONS).make(PASSWORD.encode())
ADD_FLAG = """
INSERT INTO waffle_flag (name, everyone, percent, testing, superusers, staff, authenticated,
                         languages, rollout, note, created, modified)
VALUES ('half', NULL, 50, false, false, false, false, '', false, '', now(), now())
ON CONFLICT DO NOTHING
"""


@pytest.fixture
async def person(start: Side) -> Person:
    return await newcomer(start)


async def newcomer(side: Side, password: str = HASH) -> Person:
    """With a verified address."""
    one = await side.add_user(password=password)
    email = f"{one.name}@example.org"
    await side.rows("UPDATE users_user SET email = %s WHERE id = %s", email, one.id)
    await side.rows(
        'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
        " VALUES (%s, %s, true, true)",
        one.id,
        email,
    )
    return Person(one.id, one.name, email)


async def signed_in(side: Side, person: Person, password: str = PASSWORD) -> Visitor:
    visitor = Visitor()
    reply = await visitor.log_in(side, person.name, password)
    assert (reply.status_code, reply.headers["location"]) == (302, "/")
    return visitor


async def stored(side: Side, person: Person) -> str:
    password: str = (await side.row("SELECT password FROM users_user WHERE id = %s", person.id))[
        "password"
    ]
    return password


def link_in(text: str, path: str) -> str:
    """The path of the first link that leads below `path`."""
    found = re.search(rf"https?://[^/\s]+({path}\S+)", text)
    assert found is not None, text
    return found[1]


async def test_log_in(start: Side, finish: Side, person: Person) -> None:
    visitor = Visitor()
    before = await visitor.token(start)
    first = visitor.cookies["csrftoken"]
    reply = await visitor.log_in(start, person.email, PASSWORD, next="/downloads/")
    assert (reply.status_code, reply.headers["location"]) == (302, "/downloads/")
    assert visitor.cookies["csrftoken"] != first
    told = await visitor.told(finish, "user/")
    assert told == await visitor.told(start, "user/")
    assert (told["id"], told["name"], told["is_authenticated"]) == (person.id, person.name, True)
    stale = await visitor.submit(finish, "/probes/form/", csrfmiddlewaretoken=before)
    assert stale.status_code == 403
    row = await start.row("SELECT last_login FROM users_user WHERE id = %s", person.id)
    assert row["last_login"] is not None


async def test_permissions(start: Side, finish: Side, person: Person) -> None:
    visitor = await signed_in(start, person)
    await start.rows(
        "INSERT INTO users_user_user_permissions (user_id, permission_id)"
        " SELECT %s, id FROM auth_permission WHERE codename = 'change_box'",
        person.id,
    )
    assert (await visitor.get(finish, "/probes/for/editors/")).status_code == 200
    assert (await visitor.told(finish, "user/"))["permissions"] == ["boxes.change_box"]
    assert await visitor.told(start, "user/") == await visitor.told(finish, "user/")


async def test_log_out(start: Side, finish: Side, person: Person, world: World) -> None:
    visitor = await signed_in(finish, person)
    copied = Visitor(dict(visitor.cookies))
    reply = await visitor.post(start, "/accounts/logout/")
    assert (reply.status_code, reply.headers["location"]) == (302, "/")
    assert await visitor.name(finish) == ""
    assert await visitor.name(start) == ""
    # A session that is nothing but a cookie lives on in its copies, with Django as here.
    assert await copied.name(finish) == (person.name if world.engine == "signed_cookies" else "")


async def test_change_password(start: Side, finish: Side, person: Person) -> None:
    visitor = await signed_in(finish, person)
    elsewhere = await signed_in(start, person)
    change = {"oldpassword": PASSWORD, "password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    reply = await visitor.post(start, "/accounts/password/change/", **change, **HONEYPOT)
    assert (reply.status_code, reply.headers["location"]) == (302, "/users/edit/")
    assert await visitor.name(finish) == person.name
    assert await elsewhere.name(finish) == ""
    assert await elsewhere.name(start) == ""
    assert (await Visitor().log_in(finish, person.name, PASSWORD)).status_code == 200
    again = await signed_in(finish, person, OTHER_PASSWORD)
    assert await again.name(start) == person.name


async def test_an_outdated_password_is_made_anew_once(start: Side, finish: Side) -> None:
    outdated = Pbkdf2("pbkdf2_sha256", "sha256", ITERATIONS // 2).make(PASSWORD.encode())
    person = await newcomer(start, outdated)
    visitor = await signed_in(start, person)
    renewed = await stored(start, person)
    assert int(renewed.split("$")[1]) == ITERATIONS
    assert await visitor.name(finish) == person.name
    await signed_in(finish, person)
    assert await stored(finish, person) == renewed


async def test_reset_a_password(start: Side, finish: Side, person: Person) -> None:
    elsewhere = await signed_in(start, person)
    visitor = Visitor()
    start.new_mails()
    await visitor.post(start, "/accounts/password/reset/", email=person.email)
    (mail,) = start.new_mails()
    link = link_in(mail.get_content(), "/accounts/password/reset/key/")
    moved = await visitor.get(finish, link)
    assert moved.status_code == 302
    chosen = {"password1": OTHER_PASSWORD, "password2": OTHER_PASSWORD}
    done = await visitor.post(finish, moved.headers["location"], **chosen)
    assert (done.status_code, done.headers["location"]) == (
        302,
        "/accounts/password/reset/key/done/",
    )
    assert await elsewhere.name(start) == ""
    assert (await Visitor().get(start, link)).status_code == 200  # it can be used once
    await signed_in(start, person, OTHER_PASSWORD)


async def test_sign_up(start: Side, finish: Side) -> None:
    visitor, name = Visitor(), f"new{next(NUMBERS)}"
    start.new_mails()
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    email = f"{name}@example.org"
    asked = {"username": name, "email": email, **passwords, **HONEYPOT}
    reply = await visitor.post(start, "/accounts/signup/", **asked)
    assert (reply.status_code, reply.headers["location"]) == (302, "/accounts/confirm-email/")
    (mail,) = start.new_mails()
    refused = await Visitor().log_in(finish, name, PASSWORD)
    assert refused.headers["location"] == "/accounts/confirm-email/"
    link = link_in(mail.get_content(), "/accounts/confirm-email/")
    confirmed = await visitor.post(finish, link)
    assert (confirmed.status_code, confirmed.headers["location"]) == (302, "/accounts/login/")
    assert (await visitor.log_in(start, email, PASSWORD)).headers["location"] == "/"
    assert await visitor.name(finish) == name
    keys = "SELECT key FROM {} WHERE user_id = (SELECT id FROM users_user WHERE username = %s)"
    for table in ("authtoken_token", "tastypie_apikey"):
        assert len((await start.row(keys.format(table), name))["key"]) == 40


async def test_post_a_form(start: Side, finish: Side) -> None:
    visitor = Visitor()
    said = {"a": "1", "b": "ä & ?"}
    token = await visitor.token(start)
    reply = await visitor.submit(finish, "/probes/form/", csrfmiddlewaretoken=token, **said)
    assert reply.status_code == 200
    assert {name: [value] for name, value in said.items()}.items() <= reply.json().items()


async def test_a_form_needs_the_visitors_own_token(start: Side, finish: Side) -> None:
    visitor, other = Visitor(), Visitor()
    await visitor.token(start)
    for token in (await other.token(start), "", "x", "0" * 64):
        answer = await visitor.submit(finish, "/probes/form/", csrfmiddlewaretoken=token)
        assert answer.status_code == 403
    assert (await visitor.submit(finish, "/probes/exempt/")).status_code == 200


@pytest.mark.parametrize("length", [20, 3000])
async def test_set_messages(start: Side, finish: Side, length: int) -> None:
    """A long one finds no room in the cookie and waits in the session."""
    visitor = Visitor()
    texts = ["plain <b> & ü 🐍", "x" * length, "<i>safe</i>"]
    await visitor.change(start, "messages/", level="20", text=texts[0], tags="extra")
    await visitor.change(start, "messages/", level="40", text=texts[1])
    await visitor.change(start, "messages/", level="25", text=texts[2], safe="1")
    await visitor.change(start, "messages/", level="10", text="below the level that is kept")
    assert (await visitor.told(finish, "messages/"))["messages"] == [
        {"level": 20, "text": texts[0], "tags": "extra general", "safe": False},
        {"level": 40, "text": texts[1], "tags": "error", "safe": False},
        {"level": 25, "text": texts[2], "tags": "success", "safe": True},
    ]
    for side in (start, finish):
        assert (await visitor.told(side, "messages/"))["messages"] == []


async def test_set_session_keys(start: Side, finish: Side) -> None:
    visitor = Visitor()
    value = {"nested": [1, 2.5, None, True, "ä\u2028🐍"], "": {}}
    await visitor.change(start, "session/", key="mine", value=json.dumps(value))
    await visitor.change(finish, "session/", key="yours", value='"2"')
    for side in (start, finish):
        assert await visitor.told(side, "session/") == {"mine": value, "yours": "2"}


async def test_rotate(start: Side, finish: Side, world: World) -> None:
    visitor = Visitor()
    await visitor.change(finish, "session/", key="a", value="1")
    copied = Visitor(dict(visitor.cookies))
    await visitor.change(start, "session/key/")
    if world.engine != "signed_cookies":
        assert visitor.cookies["sessionid"] != copied.cookies["sessionid"]
        assert await copied.told(finish, "session/") == {}
    assert await visitor.told(finish, "session/") == {"a": 1}
    assert (await visitor.told(finish, "session/key/"))["key"] == visitor.cookies["sessionid"]


@pytest.mark.parametrize(
    ("seconds", "age", "with_browser"), [(3600, 3600, False), (0, 1_209_600, True)]
)
async def test_expiry(
    start: Side, finish: Side, seconds: int, age: int, with_browser: bool
) -> None:
    visitor = Visitor()
    await visitor.change(start, "session/expiry/", seconds=str(seconds))
    told = await visitor.told(finish, "session/expiry/")
    assert told == {"age": age, "with_browser": with_browser}


async def test_expire(start: Side, finish: Side, world: World) -> None:
    """Over for both, whoever ended it; signed cookies know no end but their own age."""
    visitor = Visitor()
    await visitor.change(finish, "session/", key="a", value="1")
    kept = visitor.cookies["sessionid"]
    await visitor.change(start, "session/expiry/", seconds="-60")
    if world.engine == "signed_cookies":
        assert visitor.cookies.get("sessionid") != kept
        return
    assert await Visitor({"sessionid": kept}).told(finish, "session/") == {}


async def test_flush(start: Side, finish: Side, world: World) -> None:
    visitor = Visitor()
    await visitor.change(finish, "session/", key="a", value="1")
    copied = Visitor(dict(visitor.cookies))
    await visitor.change(start, "session/flush/")
    assert "sessionid" not in visitor.cookies
    if world.engine != "signed_cookies":
        assert await copied.told(finish, "session/") == {}


async def test_a_feature_stays_as_it_was_drawn(start: Side, finish: Side) -> None:
    await start.rows(ADD_FLAG)
    for _ in range(5):
        visitor = Visitor()
        drawn = await visitor.told(start, "flag/half/")
        assert "dwf_half" in visitor.cookies
        for side in (finish, start, finish):
            assert await visitor.told(side, "flag/half/") == drawn


async def test_two_sides_at_once(start: Side, finish: Side, world: World) -> None:
    """Whoever saves last wins, as between two of Django's processes; no save is torn."""
    visitor = Visitor()
    await visitor.change(start, "session/", key="first", value="1")
    token = await visitor.token(start)
    changes = [
        Visitor(dict(visitor.cookies)).submit(
            side, "/probes/session/", csrfmiddlewaretoken=token, key=f"{side.name}{n}", value=f"{n}"
        )
        for n in range(5)
        for side in (start, finish)
    ]
    for reply in await asyncio.gather(*changes):
        assert reply.status_code == 200
    told = await visitor.told(finish, "session/")
    assert told == await visitor.told(start, "session/")
    assert told["first"] == 1
    # A session that is nothing but a cookie was changed in the copies only.
    assert (len(told) == 1) is (world.engine == "signed_cookies")
