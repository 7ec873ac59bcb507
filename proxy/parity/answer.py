"""What was asked, and what one side answered, as it came over the wire."""

import zlib
from dataclasses import dataclass
from email.message import Message

Headers = tuple[tuple[bytes, bytes], ...]

_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `target` is path and query as sent; `at` is when, in seconds since 1970."""

    method: str
    target: str
    host: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` are pairs in the order in which they came, repeated fields apart."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def lines(self, name: str) -> list[str]:
        """The values of one field, by its lower-case name."""
        wanted = name.encode("ascii")
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]

    def field(self, name: str) -> str:
        """The same as one value; empty where there is none (RFC 9110, 5.3)."""
        return ", ".join(self.lines(name))


@dataclass(frozen=True, slots=True)
class ContentType:
    """`media` without parameters and `charset`, both lower-case; either may be empty."""

    media: str
    charset: str

    @classmethod
    def of(cls, answer: Answer) -> "ContentType":
        message = Message()
        message["Content-Type"] = answer.field("content-type")
        media = message.get_content_type() if answer.field("content-type") else ""
        return cls(media, str(message.get_content_charset() or ""))


@dataclass(frozen=True, slots=True)
class Content:
    """A body without its content encoding. Where that could not be undone, `fault` says why and
    `octets` are as they came; where there is more than was to be read, `whole` is False."""

    octets: bytes
    whole: bool = True
    fault: str = ""


def content_of(answer: Answer, limit: int) -> Content:
    """The body, at most `limit` octets of it."""
    octets = answer.body
    for coding in reversed(answer.field("content-encoding").lower().replace(",", " ").split()):
        if coding == "identity" or not octets:
            continue
        if coding not in _WINDOW:
            return Content(answer.body, fault=f"content coding {coding} is not known here")
        try:
            octets = _inflated(octets, coding, limit)
        except zlib.error:
            return Content(answer.body, fault=f"the body is no {coding}")
    return Content(octets, whole=len(octets) <= limit)


def _inflated(octets: bytes, coding: str, limit: int) -> bytes:
    """One octet more than the limit at most, whatever the body claims to hold."""
    try:
        return zlib.decompressobj(_WINDOW[coding]).decompress(octets, limit + 1)
    except zlib.error:
        if coding != "deflate":
            raise
        # Some senders mean bare deflate (RFC 9110, 8.4.1.2).
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(octets, limit + 1)
