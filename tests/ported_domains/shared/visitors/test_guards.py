"""Who may pass, and where those are sent who may not."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from ported_domains.shared.visitors.contracts import Contracts
from tests.ported_domains.shared.visitors.ailing import ailing
from tests.ported_domains.shared.visitors.test_gate import JAR, TOKEN, URLENCODED
from tests.ported_domains.shared.visitors.twins import Person, Reply, Side, Twins

LOGIN = "/accounts/login/?next=/own/for/{}/"
GRANT = """
INSERT INTO users_user_user_permissions (user_id, permission_id)
SELECT %s, id FROM auth_permission WHERE codename = %s
"""
JOIN = """
WITH made AS (
    INSERT INTO auth_group (name) VALUES (%s) ON CONFLICT (name) DO UPDATE SET name = excluded.name
    RETURNING id
)
INSERT INTO users_user_groups (user_id, group_id) SELECT %s, id FROM made
"""
FLAG = """
INSERT INTO waffle_flag (name, everyone, percent, testing, superusers, staff, authenticated,
                         languages, rollout, note, created, modified)
VALUES ('some', NULL, NULL, false, false, true, false, '', false, '', now(), now())
"""


@pytest.fixture
def native(twins: Twins) -> Side:
    return twins.native


@pytest_asyncio.fixture
async def person(native: Side) -> AsyncIterator[Person]:
    one = await native.newcomer()
    yield one
    await native.rows("DELETE FROM users_user_groups WHERE user_id = %s", one.id)
    await native.rows("DELETE FROM users_user_user_permissions WHERE user_id = %s", one.id)
    await native.remove(one)


async def asked(native: Side, page: str, person: Person | None = None) -> Reply:
    cookies = "" if person is None else f"sessionid={person.session}"
    return await native.get(f"/own/for/{page}/", cookies)


def is_let_in(reply: Reply, person: Person) -> bool:
    return reply.status == 200 and reply.json() == person.name


def is_refused(reply: Reply) -> bool:
    assert reply.status == 403
    return b"Your account has not the permission" in reply.body


@pytest.mark.parametrize("page", ["staff", "those", "groups", "people"])
async def test_nobody_is_sent_to_log_in(native: Side, page: str) -> None:
    reply = await asked(native, page)
    assert (reply.status, reply.one("location")) == (302, LOGIN.format(page))
    assert (reply.body, reply.one("vary")) == (b"", "Cookie")


async def test_staff(native: Side, person: Person) -> None:
    """Others are asked for another login, as on Django's own pages for staff."""
    reply = await asked(native, "staff", person)
    assert (reply.status, reply.one("location")) == (302, LOGIN.format("staff"))
    await native.rows("UPDATE users_user SET is_staff = true WHERE id = %s", person.id)
    assert is_let_in(await asked(native, "staff", person), person)
    await native.rows("UPDATE users_user SET is_active = false WHERE id = %s", person.id)
    assert (await asked(native, "staff", person)).status == 302


async def test_permissions_are_all_needed(native: Side, person: Person) -> None:
    assert is_refused(await asked(native, "those", person))
    await native.rows(GRANT, person.id, "change_box")
    assert is_refused(await asked(native, "those", person))
    await native.rows(GRANT, person.id, "add_box")
    assert is_let_in(await asked(native, "those", person), person)


async def test_one_group_is_enough(native: Side, person: Person) -> None:
    await native.rows(JOIN, "a third", person.id)
    assert is_refused(await asked(native, "groups", person))
    await native.rows(JOIN, "other", person.id)
    assert is_let_in(await asked(native, "groups", person), person)


async def test_a_superuser_may_do_all(native: Side, person: Person) -> None:
    await native.rows("UPDATE users_user SET is_superuser = true WHERE id = %s", person.id)
    for page in ("those", "groups"):
        assert is_let_in(await asked(native, page, person), person)
    assert (await asked(native, "staff", person)).status == 302


async def test_a_feature_that_is_off_is_not_there(native: Side, person: Person) -> None:
    """Nor is one that nobody has heard of."""
    assert (await asked(native, "some", person)).status == 404
    await native.rows(FLAG)
    assert (await asked(native, "some", person)).status == 404
    await native.rows("UPDATE users_user SET is_staff = true WHERE id = %s", person.id)
    assert is_let_in(await asked(native, "some", person), person)
    await native.rows("DELETE FROM waffle_flag WHERE name = 'some'")


async def test_robots_are_refused_before_anyone_asks_who_they_are(native: Side) -> None:
    """And after the token, whose lack says more."""
    page = "/own/for/people/"
    unsigned = await native.ask("POST", page, body=b"")
    assert (unsigned.status, b"token" in unsigned.body) == (403, True)
    robot = await native.ask("POST", page, JAR, URLENCODED, body=TOKEN)
    assert (robot.status, b"email_body_text" in robot.body) == (400, True)
    filled = b"&email_body_text=buy"
    assert (await native.ask("POST", page, JAR, URLENCODED, body=TOKEN + filled)).status == 400
    left = b"&email_body_text=write+your+message"
    human = await native.ask("POST", page, JAR, URLENCODED, body=TOKEN + left)
    assert (human.status, human.one("location")) == (302, LOGIN.format("people"))


@pytest.mark.parametrize(
    "query",
    ["next=//evil.example/", "a=%0D%0ASet-Cookie:b=1", "%E4=%C3%A4", 'a b="<>`{}', "?&=%"],
)
async def test_where_one_comes_back_to_is_this_page(twins: Twins, query: str) -> None:
    query = query.replace(" ", "+")
    reply = await twins.agree("GET", f"/probes/for/members/?{query}")
    location = reply.one("location")
    assert location is not None
    assert location.startswith("/accounts/login/?next=/probes/for/members/%3F")


async def test_a_login_page_elsewhere_is_told_the_whole_address(
    contracts: Contracts, native_tables: str, twins: Twins
) -> None:
    agreed = replace(contracts, login_url="https://login.example/?site=1")
    async with ailing(agreed, native_tables, twins.legacy.database) as there:
        reply = await there.side.get("/own/for/staff/?a=1")
    back = "http%3A//www.example.org/own/for/staff/%3Fa%3D1"
    assert reply.one("location") == f"https://login.example/?site=1&next={back}"


@pytest.mark.parametrize(
    ("to", "there"),
    [
        ("/a/?b=1", "/a/?b=1"),
        ("/%0D%0ASet-Cookie:%20a=b", "/%0D%0ASet-Cookie:%20a=b"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
    ],
)
async def test_a_location_is_one_line(native: Side, to: str, there: str) -> None:
    reply = await native.get(f"/own/sent/?to={to}")
    assert (reply.status, reply.one("location")) == (302, there)
    assert reply.all("set-cookie") == []


@pytest.mark.parametrize("to", ["javascript:alert(1)", "data:text/html,x", "http://["])
async def test_where_no_redirect_leads_is_a_bad_request(native: Side, to: str) -> None:
    assert (await native.get(f"/own/sent/?to={to}")).status == 400


async def test_too_many_names_in_a_query_are_a_bad_request(native: Side) -> None:
    """Django answers so as soon as it looks at them."""
    reply = await native.get(f"/own/sent/?{'&'.join('a=1' for _ in range(1001))}")
    assert (reply.status, reply.body) == (400, b"<h1>Bad Request (400)</h1>")


async def test_one_page_of_a_pattern_may_not_excuse_the_other(native: Side) -> None:
    assert (await native.get("/own/mixed/")).json() == "listed"
    assert (await native.ask("POST", "/own/mixed/", body=b"")).status == 403
    assert (await native.post("/own/mixed/")).json() == "made"
