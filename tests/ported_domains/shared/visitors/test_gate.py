"""Who may change something: both sides are asked octet for octet the same, and must agree.

Where the native side is stricter or kinder than Django, a test of its own says why.
"""

import asyncio
from dataclasses import replace
from typing import NamedTuple

import pytest

from ported_domains.shared.visitors.contracts import Contracts
from tests.ported_domains.shared.visitors.ailing import ailing
from tests.ported_domains.shared.visitors.twins import FORM, HOST, SECRET, Fields, Twins, written

JAR = ("Cookie", f"csrftoken={SECRET}")
URLENCODED = ("Content-Type", FORM)
MULTIPART = ("Content-Type", "multipart/form-data; boundary=b")
HEADER = ("X-CSRFToken", SECRET)
TLS = ("X-Forwarded-Proto", "https")
TOKEN = f"csrfmiddlewaretoken={SECRET}".encode()
WRONG = b"csrfmiddlewaretoken=" + b"t" * 32
END = b"--b--\r\n"


def part(name: str, value: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


class Case(NamedTuple):
    status: int
    fields: Fields
    body: bytes = b""
    method: str = "POST"
    target: str = "/probes/form/"


CASES = {
    # What is not to be read before it is known to be of use
    "no cookie": Case(403, (URLENCODED,), TOKEN),
    "no cookie and too large": Case(403, (URLENCODED,), b"a=" + b"x" * 2_700_000),
    "no cookie and malformed": Case(403, (("Content-Type", "multipart/form-data"),), b"x"),
    "spoiled cookie": Case(403, (("Cookie", "csrftoken=bad"), URLENCODED), TOKEN),
    # Where the token may be
    "field": Case(200, (JAR, URLENCODED), TOKEN + b"&a=1"),
    "header": Case(200, (JAR, URLENCODED, HEADER), b"a=1"),
    "a wrong field beats the header": Case(403, (JAR, URLENCODED, HEADER), WRONG),
    "an empty field does not": Case(200, (JAR, URLENCODED, HEADER), b"csrfmiddlewaretoken="),
    "the last field counts": Case(200, (JAR, URLENCODED), WRONG + b"&" + TOKEN),
    "the last field counts, be it wrong": Case(403, (JAR, URLENCODED), TOKEN + b"&" + WRONG),
    "not in the query": Case(
        403, (JAR, URLENCODED), b"a=1", target=f"/probes/form/?{TOKEN.decode()}"
    ),
    "not in a cookie alone": Case(403, (JAR,)),
    "not in plain text": Case(403, (JAR, ("Content-Type", "text/plain")), TOKEN),
    "not without a type": Case(403, (JAR,), TOKEN),
    "a type in any case": Case(
        200, (JAR, ("Content-Type", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8")), TOKEN
    ),
    "multipart": Case(
        200, (JAR, MULTIPART), part("csrfmiddlewaretoken", SECRET) + part("a", "1") + END
    ),
    "not in a file": Case(
        403, (JAR, MULTIPART), part('csrfmiddlewaretoken"; filename="x', SECRET) + END
    ),
    "multipart without boundary": Case(
        400, (JAR, ("Content-Type", "multipart/form-data")), part("a", "1") + END
    ),
    "too many fields": Case(400, (JAR, URLENCODED), TOKEN + b"&a=1" * 1000),
    "too large": Case(400, (JAR, URLENCODED), TOKEN + b"&a=" + b"x" * 2_700_000),
    # Methods
    "put has no form": Case(403, (JAR, URLENCODED), TOKEN, method="PUT"),
    "put": Case(200, (JAR, HEADER), b"{}", method="PUT", target="/probes/exempt/"),
    "delete": Case(403, (JAR,), method="DELETE"),
    "patch": Case(403, (JAR, ("Content-Type", "application/json")), b"{}", method="PATCH"),
    "a method of nobody": Case(403, (JAR,), method="BREW"),
    "head": Case(200, (JAR,), method="HEAD"),
    "exempt": Case(200, (URLENCODED,), b"a=1", target="/probes/exempt/"),
    "exempt and malformed": Case(
        200, (("Content-Type", "multipart/form-data"),), b"x", target="/probes/exempt/"
    ),
    "before who may see it": Case(403, (), target="/probes/for/members/"),
    "after what there is": Case(404, (), target="/probes/none/"),
    # Where the request comes from
    "origin": Case(200, (JAR, URLENCODED, ("Origin", f"http://{HOST}")), TOKEN),
    "origin of others": Case(403, (JAR, URLENCODED, ("Origin", "https://evil.example")), TOKEN),
    "origin null": Case(403, (JAR, URLENCODED, ("Origin", "null")), TOKEN),
    "origin over TLS": Case(403, (JAR, URLENCODED, ("Origin", f"https://{HOST}")), TOKEN),
    "two origins": Case(
        403,
        (JAR, URLENCODED, ("Origin", "https://evil.example"), ("Origin", f"http://{HOST}")),
        TOKEN,
    ),
    "origin with a port": Case(
        200,
        (JAR, URLENCODED, ("Host", f"{HOST}:8000"), ("Origin", f"http://{HOST}:8000")),
        TOKEN,
    ),
    "a port that there is not": Case(200, (JAR, URLENCODED, ("Host", f"{HOST}:99999")), TOKEN),
    "an empty port": Case(400, (JAR, URLENCODED, ("Host", f"{HOST}:")), TOKEN),
    "TLS with origin": Case(200, (JAR, URLENCODED, TLS, ("Origin", f"https://{HOST}")), TOKEN),
    "TLS with neither": Case(403, (JAR, URLENCODED, TLS), TOKEN),
    "TLS with referer": Case(200, (JAR, URLENCODED, TLS, ("Referer", f"https://{HOST}/x")), TOKEN),
    "TLS, referer without": Case(
        403, (JAR, URLENCODED, TLS, ("Referer", f"http://{HOST}/x")), TOKEN
    ),
    "TLS, referer of others": Case(
        403, (JAR, URLENCODED, TLS, ("Referer", "https://evil.example/")), TOKEN
    ),
    "TLS, referer that is none": Case(403, (JAR, URLENCODED, TLS, ("Referer", "https://[")), TOKEN),
    # Whose host it is
    "another host": Case(400, (JAR, URLENCODED, ("Host", "evil.example")), TOKEN),
    "a host below": Case(200, (JAR, URLENCODED, ("Host", "a.example.net")), TOKEN),
    "a host of digits and letters": Case(400, (JAR, ("Host", "www_1.example.org")), method="GET"),
}


@pytest.mark.parametrize("name", CASES)
async def test_both_sides_agree(twins: Twins, name: str) -> None:
    case = CASES[name]
    reply = await twins.agree(case.method, case.target, *case.fields, body=case.body)
    assert reply.status == case.status


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "TRACE", "PUT"])
async def test_both_sides_let_a_token_be_asked_for(twins: Twins, method: str) -> None:
    """PUT passes with the header; the page has the token for a form, another one each time."""
    for side in (twins.legacy, twins.native):
        reply = await side.ask(method, "/probes/form/", JAR, HEADER)
        token = reply.json()["token"]
        assert len(token) == 64
        form = f"csrfmiddlewaretoken={token}".encode()
        for other in (twins.legacy, twins.native):
            sent = await other.ask("POST", "/probes/form/", JAR, URLENCODED, body=form)
            assert sent.json() == {"csrfmiddlewaretoken": [token]}


async def test_a_peer_of_no_trust_says_nothing_of_tls_or_host(strangers: Twins) -> None:
    """The proxy in front of Django replaces these fields, so they must not count natively."""
    fields = (JAR, URLENCODED, TLS, ("X-Forwarded-Host", "evil.example"))
    reply = await strangers.native.ask("POST", "/probes/form/", *fields, body=TOKEN)
    assert reply.status == 200
    origin = ("Origin", f"https://{HOST}")
    refused = await strangers.native.ask("POST", "/probes/form/", *fields, origin, body=TOKEN)
    assert refused.status == 403


async def test_two_types_are_none(twins: Twins) -> None:
    """gunicorn answers 400; here neither counts, whichever comes last."""
    plain = ("Content-Type", "text/plain")
    for types in ((URLENCODED, plain), (plain, URLENCODED)):
        reply = await twins.native.ask("POST", "/probes/form/", JAR, *types, body=TOKEN)
        assert reply.status == 403


@pytest.mark.parametrize(
    "content_type",
    [
        f"{FORM}; charset=latin-1",
        f"{FORM}; charset*=foo''utf-8",
        "multipart/form-data; boundary*=foo''b",
    ],
)
async def test_a_type_that_cannot_be_read_is_a_bad_request(twins: Twins, content_type: str) -> None:
    """Django 5.2 fails with 500 while it logs its own 400."""
    fields = (JAR, ("Content-Type", content_type))
    reply = await twins.native.ask("POST", "/probes/form/", *fields, body=TOKEN)
    assert (reply.status, reply.body) == (400, b"<h1>Bad Request (400)</h1>")


async def test_an_unfinished_multipart_form_is_a_bad_request(twins: Twins) -> None:
    """Django makes something of it; no browser sends one."""
    body = part("csrfmiddlewaretoken", SECRET)
    reply = await twins.native.ask("POST", "/probes/form/", JAR, MULTIPART, body=body)
    assert reply.status == 400


@pytest.mark.parametrize("method", ["post", "Post", "get"])
async def test_the_case_of_a_method_counts(twins: Twins, method: str) -> None:
    """gunicorn refuses them; here they are methods like any other, which need a token."""
    reply = await twins.native.ask(method, "/probes/form/", JAR, URLENCODED, body=TOKEN)
    assert reply.status == 403


async def test_a_chunked_form_is_read(twins: Twins) -> None:
    """Django behind gunicorn finds no form in it."""
    chunks = b"%x\r\n%b\r\n3\r\n&a=\r\n1\r\n1\r\n0\r\n\r\n" % (len(TOKEN), TOKEN)
    fields = (JAR, URLENCODED, ("Transfer-Encoding", "chunked"))
    reply = await twins.native.ask("POST", "/probes/form/", *fields, body=chunks)
    assert reply.json() == {"a": ["1"], "csrfmiddlewaretoken": [SECRET]}


async def test_a_chunked_form_has_limits(twins: Twins) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    fields = (JAR, URLENCODED, ("Transfer-Encoding", "chunked"))
    body = chunk * 41 + b"0\r\n\r\n"
    reply = await twins.native.ask("POST", "/probes/form/", *fields, body=body)
    assert reply.status == 400


@pytest.mark.parametrize(
    ("target", "content_type"), [("/probes/form/", FORM), ("/own/twice/", "application/json")]
)
async def test_who_leaves_before_all_has_come_is_no_fault(
    twins: Twins, caplog: pytest.LogCaptureFixture, target: str, content_type: str
) -> None:
    """Neither where the gate waits for a form, nor where a handler reads the body itself."""
    fields = (JAR, HEADER, ("Content-Type", content_type), ("Content-Length", "1000"))
    port = int(twins.native.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(written("POST", target, *fields) + TOKEN)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    assert (await twins.native.get("/probes/exempt/")).status == 200
    assert not caplog.records


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ((URLENCODED,), TOKEN + b"&a=1"),
        ((MULTIPART,), part("csrfmiddlewaretoken", SECRET) + part("a", "1") + END),
    ],
)
async def test_a_body_may_be_read_after_its_form(twins: Twins, fields: Fields, body: bytes) -> None:
    """Otherwise who asks for it would wait until the visitor leaves."""
    reply = await twins.native.ask("POST", "/own/twice/", JAR, *fields, body=body)
    assert reply.json() == {"form": "1", "body": body.decode()}


async def test_a_body_that_is_no_form_is_its_handlers(twins: Twins) -> None:
    fields = (JAR, HEADER, ("Content-Type", "application/json"))
    reply = await twins.native.ask("POST", "/own/twice/", *fields, body=b'{"a": 1}')
    assert reply.json() == {"form": None, "body": '{"a": 1}'}


async def test_a_secret_may_be_in_the_session(
    contracts: Contracts, native_tables: str, twins: Twins
) -> None:
    """CSRF_USE_SESSIONS: no cookie but the session's, and no other session's token."""
    agreed = replace(contracts, csrf=replace(contracts.csrf, in_session=True))
    async with ailing(agreed, native_tables, twins.legacy.database) as there:
        page = await there.side.get("/own/token/")
        assert [*page.cookies] == ["sessionid"]
        cookie = ("Cookie", f"sessionid={page.cookies['sessionid']}")
        again = await there.side.get("/own/token/", cookie[1])
        assert again.cookies == {}
        form = f"csrfmiddlewaretoken={again.json()}".encode()
        for fields, status in (
            ((cookie, URLENCODED), 200),
            ((URLENCODED,), 403),
            ((JAR, URLENCODED), 403),
            ((("Cookie", f"sessionid={await twins.legacy.plant({})}"), URLENCODED), 403),
        ):
            reply = await there.side.ask("POST", "/probes/form/", *fields, body=form)
            assert reply.status == status
