"""Field values of octets that would make lines of their own."""

import pytest

from tests.proxy.http.harness import Harness, answer, chunked, request

pytestmark = pytest.mark.musts

BAD_VALUES = {
    "bare CR": b"a\rb",
    "bare CR at the end": b"a\r",
    "bare LF": b"a\nX-Injected: 1",
    "LF at the end": b"a\n",
    "CR CR LF": b"a\r\r\nX-Injected: 1",
    "LF CR": b"a\n\rb",
    "NUL": b"a\0b",
    "NUL only": b"\0",
}


@pytest.mark.must(10)
@pytest.mark.parametrize("bad", BAD_VALUES.values(), ids=BAD_VALUES)
@pytest.mark.parametrize("name", [b"X-Any", b"Cookie", b"Host", b"Content-Length"])
async def test_they_are_refused_in_requests(harness: Harness, name: bytes, bad: bytes) -> None:
    said = b"GET / HTTP/1.1\r\n" + (b"" if name == b"Host" else b"Host: www.example.org\r\n")
    await harness.refused(said + name + b": " + bad + b"\r\n\r\n", status=400)


@pytest.mark.must(10)
@pytest.mark.parametrize("bad", BAD_VALUES.values(), ids=BAD_VALUES)
async def test_they_are_refused_in_answers(harness: Harness, bad: bytes) -> None:
    came = await harness.exchange(request(b"/bad"), answer=answer(b"X-Any: " + bad))
    assert (came.answer.status, came.answer.body) == (502, b"502 Bad Gateway\n")
    assert came.answer.values(b"x-injected") == []
    line = await harness.line(path="/bad")
    assert line["fault"] == "await_head/upstream/invalid"


@pytest.mark.must(10)
@pytest.mark.parametrize("bad", [b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x1b", b"\x1f", b"\x7f"])
async def test_other_control_octets_are_refused_too(harness: Harness, bad: bytes) -> None:
    await harness.refused(request(b"/", b"X-Any: a" + bad + b"b"), status=400)


@pytest.mark.must(10, 11)
@pytest.mark.parametrize("bad", [b"a\rb", b"a\nb", b"a\0b"])
async def test_they_are_refused_in_trailers(harness: Harness, bad: bytes) -> None:
    """Which end here anyway; but what cannot be read may end anywhere."""
    head = request(b"/", b"Transfer-Encoding: chunked", method=b"POST")
    body = chunked(b"hello", trailers=b"X-Any: " + bad + b"\r\n")
    client = await harness.client()
    await client.say(head + body)
    assert (await client.last_answer()).status == 400
    assert harness.upstream.bodies == []


@pytest.mark.must(10)
async def test_a_tab_and_octets_beyond_ascii_are_no_such(harness: Harness) -> None:
    line, value = b"X-Any: a\tb \x80\xff", b"a\tb \x80\xff"
    seen = await harness.exchange(request(b"/", line), answer=answer(line))
    assert seen.request.value(b"x-any") == value
    assert seen.answer.value(b"x-any") == value
