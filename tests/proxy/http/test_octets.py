"""Messages are octets: which stand where, how lines end, and whose version is spoken."""

import pytest

from tests.proxy.http.harness import HOST, Harness, answer, request
from tests.proxy.http.upstream import answering_and_closing

pytestmark = pytest.mark.musts

SECOND = b"GET /second HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
BAD_GATEWAY = b"502 Bad Gateway\n"

LINE_ENDS = {
    "LF": b"\n",
    "CR": b"\r",
    "LF CR": b"\n\r",
    "CR CR LF": b"\r\r\n",
    "CR NUL LF": b"\r\0\n",
    "LF LF": b"\n\n",
    "NEL": b"\x85",
    "VT": b"\x0b",
    "FF": b"\x0c",
}
PLACES = {
    "request line": b"GET / HTTP/1.1%bHost: www.example.org\r\nX-Any: 1\r\n\r\n",
    "a field": b"GET / HTTP/1.1\r\nHost: www.example.org%bX-Any: 1\r\n\r\n",
    "the last field": b"GET / HTTP/1.1\r\nX-Any: 1\r\nHost: www.example.org%b\r\n",
    "the empty line": b"GET / HTTP/1.1\r\nHost: www.example.org\r\nX-Any: 1\r\n%b",
}


@pytest.mark.must(27)
@pytest.mark.parametrize("ending", LINE_ENDS.values(), ids=LINE_ENDS)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "octet by octet"])
async def test_lines_end_with_cr_lf_only(
    harness: Harness, place: bytes, ending: bytes, cut: bool
) -> None:
    """Whatever follows is no second request."""
    said = place.replace(b"%b", ending) + SECOND
    pieces = [said[at : at + 1] for at in range(len(said))] if cut else [said]
    await harness.refused(*pieces, status=400)


ANSWER_PLACES = {
    "status line": b"HTTP/1.1 200 OK%bX-Any: 1\r\nContent-Length: 2\r\n\r\nok",
    "a field": b"HTTP/1.1 200 OK\r\nX-Any: 1%bContent-Length: 2\r\n\r\nok",
    "the length": b"HTTP/1.1 200 OK\r\nX-Any: 1\r\nContent-Length: 2%b\r\nok",
    "the empty line": b"HTTP/1.1 200 OK\r\nX-Any: 1\r\nContent-Length: 2\r\n%bok",
}


@pytest.mark.must(27)
@pytest.mark.parametrize("ending", [b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\0\n", b"\n\n"])
@pytest.mark.parametrize("place", ANSWER_PLACES.values(), ids=ANSWER_PLACES)
async def test_lines_of_answers_too(harness: Harness, place: bytes, ending: bytes) -> None:
    script = answering_and_closing(place.replace(b"%b", ending))
    seen = await harness.exchange(request(), script=script)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


CONTROLS = [bytes((octet,)) for octet in (*range(0x20), 0x7F) if octet != 0x09]
OCTET_PLACES = {
    "method": b"G%bT / HTTP/1.1\r\n" + HOST + b"\r\n",
    "target": b"GET /a%bb HTTP/1.1\r\n" + HOST + b"\r\n",
    "query": b"GET /?a%bb HTTP/1.1\r\n" + HOST + b"\r\n",
    "version": b"GET / HTTP/1%b1\r\n" + HOST + b"\r\n",
    "name": b"GET / HTTP/1.1\r\nX%bAny: 1\r\n" + HOST + b"\r\n",
    "value": b"GET / HTTP/1.1\r\nX-Any: a%bb\r\n" + HOST + b"\r\n",
    "host": b"GET / HTTP/1.1\r\nHost: a%bb\r\n\r\n",
    "before the request line": b"%bGET / HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.must(27)
@pytest.mark.parametrize("octet", CONTROLS)
@pytest.mark.parametrize("place", OCTET_PLACES.values(), ids=OCTET_PLACES)
async def test_control_octets_are_refused_everywhere(
    harness: Harness, place: bytes, octet: bytes
) -> None:
    await harness.refused(place.replace(b"%b", octet), status=400)


@pytest.mark.must(27)
@pytest.mark.parametrize("octet", [b"\t", b"\x80", b"\xff", b"\xc3\xa9", b" "])
@pytest.mark.parametrize("place", ["method", "version", "name", "before the request line"])
async def test_nor_is_everything_else_allowed_everywhere(
    harness: Harness, place: str, octet: bytes
) -> None:
    await harness.refused(OCTET_PLACES[place].replace(b"%b", octet), status=400)


@pytest.mark.must(27)
async def test_all_other_octets_pass(harness: Harness) -> None:
    """Nobody decodes them."""
    beyond = bytes(range(0x80, 0x100))
    value = b"\t".join((bytes(range(0x21, 0x7F)), beyond))
    seen = await harness.exchange(
        request(b"/" + beyond, b"X-Any: " + value),
        answer=answer(b"X-Any: " + value, status=b"200 " + beyond),
    )
    assert seen.request.start == b"GET /" + beyond + b" HTTP/1.1"
    assert seen.request.value(b"x-any") == value
    assert seen.answer.head.start == b"HTTP/1.1 200 " + beyond
    assert seen.answer.value(b"x-any") == value


@pytest.mark.must(27)
@pytest.mark.parametrize("pieces", [(b"\r\n",), (b"\r\n\r\n",), (b"\r\n", b"\r\n"), (b"\r", b"\n")])
async def test_two_empty_lines_before_a_request_are_skipped(
    harness: Harness, pieces: tuple[bytes, ...]
) -> None:
    """RFC 9112 §2.2: old clients send one after a body."""
    client = await harness.client()
    for _ in range(2):
        await client.say(*pieces, request(b"/", method=b"POST", body=b"hello"))
        assert (await client.answer()).status == 200
    assert harness.upstream.bodies == [b"hello", b"hello"]


@pytest.mark.must(27)
@pytest.mark.parametrize("size", [1, 2, 6], ids=["octet by octet", "line by line", "whole"])
async def test_more_are_refused(harness: Harness, size: int) -> None:
    lines = b"\r\n" * 3
    pieces = [lines[at : at + size] for at in range(0, len(lines), size)]
    await harness.refused(*pieces, request(), status=400)


WHITESPACE = {
    "a space": b" X-Any: 1\r\n",
    "a tab": b"\tX-Any: 1\r\n",
    "spaces": b"   X-Any: 1\r\n",
    "a space only": b" \r\n",
    "a tab only": b"\t\r\n",
    "a space and Host": b" Host: evil.example\r\n",
    "a space and a length": b" Content-Length: 30\r\n",
    "a space and a coding": b" Transfer-Encoding: chunked\r\n",
}


@pytest.mark.must(28)
@pytest.mark.parametrize("line", WHITESPACE.values(), ids=WHITESPACE)
async def test_whitespace_before_the_first_field(harness: Harness, line: bytes) -> None:
    await harness.refused(b"GET / HTTP/1.1\r\n" + line + HOST + b"\r\n", status=400)


@pytest.mark.must(28)
@pytest.mark.parametrize("line", WHITESPACE.values(), ids=WHITESPACE)
async def test_whitespace_before_the_first_field_of_answers(harness: Harness, line: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\n" + line + b"Content-Length: 2\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)


@pytest.mark.must(29)
@pytest.mark.parametrize("theirs", [b"1.0", b"1.1", b"1.2", b"1.9"])
async def test_the_upstream_is_spoken_to_in_our_version(harness: Harness, theirs: bytes) -> None:
    seen = await harness.exchange(request(b"/path?query", version=theirs))
    assert seen.request.start == b"GET /path?query HTTP/1.1"
    assert seen.answer.head.start == b"HTTP/1.1 200 OK"


@pytest.mark.must(29)
@pytest.mark.parametrize("theirs", [b"1.0", b"1.1", b"1.2", b"1.9"])
@pytest.mark.parametrize("asked", [b"1.0", b"1.1"])
async def test_the_client_is_too(harness: Harness, asked: bytes, theirs: bytes) -> None:
    said = answer(status=b"404 No Such Thing").replace(b"HTTP/1.1", b"HTTP/" + theirs)
    seen = await harness.exchange(request(version=asked), answer=said)
    assert seen.answer.head.start == b"HTTP/1.1 404 No Such Thing"


@pytest.mark.must(29)
@pytest.mark.parametrize(
    "line",
    [
        b"GET / HTTP/2.0",
        b"GET / HTTP/2.1",
        b"GET / HTTP/3.0",
        b"GET / HTTP/0.9",
        b"GET / HTTP/9.9",
        b"PRI * HTTP/2.0",
    ],
)
async def test_other_versions_are_refused(harness: Harness, line: bytes) -> None:
    await harness.refused(line + b"\r\n" + HOST + b"\r\n", status=505)


@pytest.mark.must(29)
@pytest.mark.parametrize(
    "version",
    [
        b"HTTP/1",
        b"HTTP/1.",
        b"HTTP/.1",
        b"HTTP/1.10",
        b"HTTP/01.1",
        b"HTTP/11.1",
        b"HTTP/1.1.1",
        b"HTTP/1,1",
        b"HTTP/+1.1",
        b"HTTP/ 1.1",
        b"HTTP/1.1 ",
        b" HTTP/1.1",
        b"http/1.1",
        b"Http/1.1",
        b"HTTPS/1.1",
        b"HTTP 1.1",
        b"HTTP/1.x",
        b"HTTP/\xb9.\xb9",
        b"",
    ],
)
async def test_what_is_no_version_is_malformed(harness: Harness, version: bytes) -> None:
    await harness.refused(b"GET / " + version + b"\r\n" + HOST + b"\r\n", status=400)


@pytest.mark.must(29)
async def test_so_is_a_request_of_http_0_9(harness: Harness) -> None:
    await harness.refused(b"GET /\r\n", status=400)


@pytest.mark.must(29)
@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/2.0 200 OK",
        b"HTTP/0.9 200 OK",
        b"HTTP/1.10 200 OK",
        b"HTTP/1 200 OK",
        b"http/1.1 200 OK",
        b"ICY 200 OK",
        b"HTTP/1.1  200 OK",
        b" HTTP/1.1 200 OK",
        b"HTTP/1.1\t200 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 000 OK",
        b"HTTP/1.1 +20 OK",
        b"HTTP/1.1 OK",
        b"HTTP/1.1",
        b"<html>",
    ],
)
async def test_what_is_no_status_line_is_a_bad_gateway(harness: Harness, start: bytes) -> None:
    said = start + b"\r\nContent-Length: 2\r\n\r\nok"
    seen = await harness.exchange(request(), answer=said)
    assert (seen.answer.status, seen.answer.body) == (502, BAD_GATEWAY)
