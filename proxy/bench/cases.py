"""Who is asked what: peers, sizes, directions, the exact octets of requests and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Direction = Literal["down", "up"]
Fields = Literal["same", "varied"]

OURS = "strangler"
DIRECT = "direct"
PEERS = (OURS, "nginx", "httpx", "aiohttp", DIRECT)

OK = b"HTTP/1.1 200 "
BLANK_LINE = b"\r\n\r\n"
UPLOAD_ANSWER = 64
"""Bytes of the body that answers an upload."""

VARIANTS = 512
"""Different requests, asked in turn by all visitors, where their fields vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`connections` visitors at once; `body` in bytes, in the answer (down) or the request (up).

    `fields`: whether every request carries the same ones, as a visitor's do who goes from page to
    page without a referer, or each its own Cookie and Referer, as behind a front server that shares
    its connections among visitors. A proxy may remember the former, hardly the latter.
    """

    connections: int
    body: int
    direction: Direction
    fields: Fields = "same"

    @property
    def title(self) -> str:
        noun = "connection" if self.connections == 1 else "connections"
        varied = ", each request with its own cookie and referer" * (self.fields == "varied")
        return f"{self.body // 1024} KB {self.direction}, {self.connections} {noun}{varied}"


CASES = (
    Case(connections=1, body=1024, direction="down"),
    Case(connections=32, body=1024, direction="down"),
    Case(connections=32, body=1024, direction="down", fields="varied"),
    Case(connections=256, body=1024, direction="down"),
    Case(connections=32, body=100 * 1024, direction="down"),
    Case(connections=32, body=100 * 1024, direction="up"),
)

_BROWSER = (
    b"Host: www.python.org\r\n"
    b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: en-GB,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate, br\r\n"
    b"Referer: https://www.python.org/downloads/%b\r\n"
    b"Connection: keep-alive\r\n"
    b"Cookie: csrftoken=6yIcGzxFSwgXhWcYZkYJ4bDnQq1lT0vR; sessionid=%b\r\n"
    b"Upgrade-Insecure-Requests: 1\r\n"
)
_DJANGO = (
    b"HTTP/1.1 200 OK\r\n"
    b"Server: gunicorn\r\n"
    b"Date: Wed, 01 Jan 2025 12:00:00 GMT\r\n"
    b"Connection: keep-alive\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n"
    b"X-Frame-Options: SAMEORIGIN\r\n"
    b"Vary: Cookie\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Referrer-Policy: same-origin\r\n"
    b"Content-Length: %d\r\n\r\n"
)


def requests(case: Case) -> Sequence[bytes]:
    """All that visitors ask, in turn: one, or `VARIANTS` of the same length."""
    count = VARIANTS if case.fields == "varied" else 1
    return [_request(case, number) for number in range(count)]


def _request(case: Case, number: int) -> bytes:
    """As a browser asks for a page, or posts a file, on a kept connection."""
    session = sha256(number.to_bytes(2, "big")).hexdigest()[:32]
    fields = _BROWSER % (b"?page=%03d" % number, session.encode())
    if case.direction == "down":
        return b"GET /downloads/release/python-3120/?page=2 HTTP/1.1\r\n" + fields + b"\r\n"
    length = b"Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % case.body
    return b"POST /downloads/upload/ HTTP/1.1\r\n" + fields + length + text(case.body)


def answer_body(case: Case) -> bytes:
    return text(case.body if case.direction == "down" else UPLOAD_ANSWER)


def answer(case: Case) -> bytes:
    return answer_with(answer_body(case))


def answer_with(body: bytes) -> bytes:
    """As Django under gunicorn answers."""
    return _DJANGO % len(body) + body


def text(size: int) -> bytes:
    """No blank line in it, so that the end of a head is found at once."""
    line = b"<li>Python 3.12.0 - Oct. 2, 2023</li>\n"
    return (line * (size // len(line) + 1))[:size]
