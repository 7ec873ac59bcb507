"""Path, query and Host: they reach the site octet for octet."""

import pytest

from tests.proxy.http.harness import STRANGER, TRUSTED, Harness, request

pytestmark = pytest.mark.musts

TARGETS = [
    b"/",
    b"/?",
    b"/a?",
    b"/??",
    b"/a?b?c",
    b"/a%2Fb%2fc",
    b"/%e9%E9",
    b"/%2e%2e/%2E/x",
    b"/a/../b/./c",
    b"/..",
    b"/.",
    b"//double///slash//",
    b"//www.example.net/path",
    b"/p;x=1;y?a&b=&c",
    b"/?a=1;b=2",
    b"/?q=a+b%20c&&=",
    b"/?next=/x?y=//z",
    b"/%00%0d%0a",
    b"/%",
    b"/%zz?%",
    b"/a:b@c!$&'()*+,=~-._",
    b"/caf\xc3\xa9?\xff\x80",
    b'/"<>\\^{|}`?"<>\\^{|}`[]',
    b"/http://www.example.net/",
    b"/downloads/%2e%2E%2Frelease",
    b"/" + b"long/" * 1600 + b"?" + b"x" * 4000,
]


@pytest.mark.must(6)
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: repr(target[:40]))
async def test_the_target_arrives_as_it_was_sent(harness: Harness, target: bytes) -> None:
    seen = await harness.exchange(request(target))
    assert seen.request.start == b"GET " + target + b" HTTP/1.1"


@pytest.mark.must(6)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT", b"DELETE", b"PROPFIND", b"get", b"M!"])
async def test_so_does_the_method(harness: Harness, method: bytes) -> None:
    seen = await harness.exchange(request(b"/a%2Fb?c", method=method))
    assert seen.request.start == method + b" /a%2Fb?c HTTP/1.1"


@pytest.mark.must(6)
async def test_so_does_the_asterisk_of_options(harness: Harness) -> None:
    seen = await harness.exchange(request(b"*", method=b"OPTIONS"))
    assert seen.request.start == b"OPTIONS * HTTP/1.1"


@pytest.mark.must("A6", 26)
@pytest.mark.parametrize(
    "host",
    [
        b"www.example.org",
        b"www.example.org:8443",
        b"WWW.Example.ORG",
        b"www.example.org.",
        b"www.example.org:",
        b"[2001:db8::1]",
        b"[::1]:8000",
        b"203.0.113.9:80",
        b"under_score.example",
        b"a-host-that-nobody.knows",
        b"xn--bcher-kva.example",
        b"a!$&'()*+,;=~%41",
    ],
)
@pytest.mark.parametrize("source", [STRANGER, TRUSTED], ids=["stranger", "trusted"])
async def test_host_arrives_as_it_was_sent(harness: Harness, host: bytes, source: str) -> None:
    """Also where our own front server says that the visitor asked for another one."""
    said = b"GET / HTTP/1.1\r\nX-Forwarded-Host: public.example\r\nHost: %b\r\n\r\n" % host
    seen = await harness.exchange(said, source=source)
    assert seen.request.values(b"host") == [host]
    assert seen.answer.status == 200


@pytest.mark.must("A6")
async def test_host_keeps_its_place_and_its_case(harness: Harness) -> None:
    said = b"GET / HTTP/1.1\r\nAccept: */*\r\nhOST:www.example.org \r\nX-Last: 1\r\n\r\n"
    seen = await harness.exchange(said)
    assert seen.request.passed == [
        (b"Accept", b"*/*"),
        (b"hOST", b"www.example.org"),
        (b"X-Last", b"1"),
    ]


@pytest.mark.must("A6")
async def test_http_1_0_may_leave_it_out(harness: Harness) -> None:
    """Then the upstream's own authority stands in."""
    seen = await harness.exchange(b"GET / HTTP/1.0\r\n\r\n")
    assert seen.request.values(b"host") == [b"127.0.0.1:%d" % harness.upstream.port]
