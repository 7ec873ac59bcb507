"""What the site says passes as it says it: dates, reasons, methods, credentials, conditions."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.proxy.http.harness import Harness, answer, request

pytestmark = pytest.mark.musts


@pytest.mark.must(12)
@pytest.mark.parametrize("lines", [(), (b"X-Date: now",), (b"Expires: 0", b"Last-Modified: never")])
@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"500 Oh"])
async def test_a_missing_date_is_added(
    harness: Harness, lines: tuple[bytes, ...], status: bytes
) -> None:
    seen = await harness.exchange(request(), answer=answer(*lines, status=status))
    date = seen.answer.value(b"date").decode()
    assert date.endswith(" GMT")
    assert abs(parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds() < 5


@pytest.mark.must(12)
@pytest.mark.parametrize(
    "date", [b"Mon, 01 Jan 2001 00:00:00 GMT", b"Monday, 01-Jan-01 00:00:00 GMT", b"yesterday", b""]
)
async def test_a_date_that_is_there_stays(harness: Harness, date: bytes) -> None:
    seen = await harness.exchange(request(), answer=answer(b"dAtE: " + date))
    assert seen.answer.values(b"date") == [date]


@pytest.mark.must(12)
async def test_our_own_answers_have_one(harness: Harness) -> None:
    async with harness.upstream.refusing():
        came = await harness.ask(request())
    assert (came.status, len(came.values(b"date"))) == (502, 1)


@pytest.mark.must(12)
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (200, b"OK"),
        (200, b"All  is\twell"),
        (200, b""),
        (200, b"caf\xe9"),
        (299, b"Miscellaneous"),
        (404, b"Nothing Here"),
        (418, b"I'm a teapot"),
        (451, b"Unavailable For Legal Reasons"),
        (520, b"Who knows"),
        (599, b"x" * 1000),
        (600, b"Beyond"),
        (999, b"The last"),
    ],
)
async def test_status_and_reason_stay(harness: Harness, status: int, reason: bytes) -> None:
    said = answer(status=b"%d %b" % (status, reason))
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.head.reason) == (status, reason)


@pytest.mark.must(12)
async def test_a_status_line_may_end_after_the_status(harness: Harness) -> None:
    """RFC 9112 §4 wants the space; some leave it out with the phrase."""
    seen = await harness.exchange(request(), answer=answer(status=b"200"))
    assert (seen.answer.status, seen.answer.head.reason, seen.answer.body) == (200, b"", b"ok")


@pytest.mark.must(22)
@pytest.mark.parametrize("status", [b"200 OK", b"405 Method Not Allowed"])
@pytest.mark.parametrize(
    "values",
    [[b"GET, HEAD, OPTIONS"], [b"get,HEAD ,\tPROPFIND,"], [b""], [b"GET", b"PUT"], [b"GET, GET"]],
)
@pytest.mark.parametrize("method", [b"OPTIONS", b"DELETE"])
async def test_allow_stays(
    harness: Harness, status: bytes, values: list[bytes], method: bytes
) -> None:
    said = answer(*(b"Allow: " + value for value in values), status=status)
    seen = await harness.exchange(request(method=method), answer=said)
    assert seen.answer.values(b"allow") == values


@pytest.mark.must(23)
@pytest.mark.parametrize(
    "values",
    [
        [b'Basic realm="a, b", charset="UTF-8"'],
        [b'Basic realm="a"', b'Bearer error="invalid_token", scope="x y"'],
        [b'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'],
        [b"Negotiate"],
        [b"Negotiate YII=="],
    ],
)
@pytest.mark.parametrize("name", [b"WWW-Authenticate", b"Authentication-Info"])
async def test_challenges_stay(harness: Harness, name: bytes, values: list[bytes]) -> None:
    said = answer(*(name + b": " + value for value in values), status=b"401 Unauthorized")
    seen = await harness.exchange(request(), answer=said)
    assert seen.answer.status == 401
    assert seen.answer.values(name) == values


@pytest.mark.must(23)
@pytest.mark.parametrize(
    "value",
    [
        b"Basic dXNlcjpwYXNzd29yZA==",
        b"Bearer abc.def-ghi_jkl~+/=",
        b"ApiKey daniel:204db7bcfafb2deb7506b89eb3b9b715b09905c8",
        b'Digest username="u", uri="/a,b?c", response="0"',
        b"basic  two  spaces",
        b"",
    ],
)
async def test_credentials_stay(harness: Harness, value: bytes) -> None:
    seen = await harness.exchange(request(b"/", b"Authorization: " + value))
    assert seen.request.values(b"authorization") == [value]


CONDITIONS = [
    b'If-Match: "a", W/"b"',
    b"If-Match: *",
    b'If-None-Match: "a"',
    b'If-None-Match: W/"a","b"',
    b"If-None-Match: *",
    b"If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT",
    b"If-Modified-Since: whenever",
    b"If-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT",
    b'If-Range: "a"',
    b"Range: bytes=0-1, -3",
    b"Range: lines=1",
]


@pytest.mark.must(24)
@pytest.mark.parametrize("line", CONDITIONS)
async def test_conditions_are_the_sites_to_judge(harness: Harness, line: bytes) -> None:
    """The answer would meet or fail each of them, and passes whole."""
    said = answer(b'ETag: "a"', b"Last-Modified: Mon, 01 Jan 2001 00:00:00 GMT", body=b"the whole")
    seen = await harness.exchange(request(b"/", line), answer=said)
    name, _, value = line.partition(b": ")
    assert seen.request.passed[1:] == [(name, value)]
    assert (seen.answer.status, seen.answer.body) == (200, b"the whole")
    assert seen.answer.values(b"etag") == [b'"a"']


@pytest.mark.must(24)
@pytest.mark.parametrize(
    ("status", "lines", "body"),
    [
        (b"304 Not Modified", (b'ETag: "a"', b"Cache-Control: max-age=1"), b""),
        (b"412 Precondition Failed", (), b"no"),
        (b"416 Range Not Satisfiable", (b"Content-Range: bytes */9",), b""),
        (b"206 Partial Content", (b"Content-Range: bytes 0-1/9",), b"th"),
    ],
)
async def test_so_are_its_verdicts(
    harness: Harness, status: bytes, lines: tuple[bytes, ...], body: bytes
) -> None:
    fields = b"".join(line + b"\r\n" for line in lines)
    length = b"" if status.startswith(b"304") else b"Content-Length: %d\r\n" % len(body)
    said = b"HTTP/1.1 " + status + b"\r\n" + fields + length + b"\r\n" + body
    seen = await harness.exchange(request(b"/", b'If-None-Match: "a"'), answer=said)
    assert seen.answer.head.start == b"HTTP/1.1 " + status
    assert seen.answer.body == body
    for line in lines:
        name, _, value = line.partition(b": ")
        assert seen.answer.values(name) == [value]


@pytest.mark.must(26)
@pytest.mark.parametrize("vary", [None, b"Cookie", b"Accept-Encoding, Cookie", b"*"])
async def test_vary_is_what_the_site_said(harness: Harness, vary: bytes | None) -> None:
    lines = () if vary is None else (b"Vary: " + vary,)
    seen = await harness.exchange(request(b"/", b"Accept-Encoding: gzip"), answer=answer(*lines))
    assert seen.answer.values(b"vary") == ([] if vary is None else [vary])


@pytest.mark.must(26)
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (request(method=b"CONNECT"), 501),
        (request(b"/", b"Expect: miracles"), 417),
        (request(b"*", b"Max-Forwards: 0", method=b"OPTIONS"), 200),
        (request(b"/__strangler__/health/live"), 200),
        (request(b"/__strangler__/nothing-there"), 404),
        (b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: www.example.org\r\n\r\n", 200),
        (b"GET https://elsewhere.example:444/ HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ],
)
async def test_our_own_answers_never_vary_and_misdirect_nobody(
    harness: Harness, said: bytes, status: int
) -> None:
    came = await harness.ask(said)
    assert (came.status, came.values(b"vary")) == (status, [])
