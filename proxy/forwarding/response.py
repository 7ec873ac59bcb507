"""One answer, read from the upstream's bytes by llhttp. No I/O."""

import re
import time
from email.utils import formatdate
from functools import lru_cache

import httptools

from proxy.forwarding.asgi import Fields
from proxy.forwarding.faults import Cause
from proxy.forwarding.fields import HOP_BY_HOP, PSEUDONYM, named_by_connection, says_close

HEAD_LIMIT = 64 * 1024
"""Bytes of the head, interim answers included."""

FIELD_LIMIT = 200

_SPACE_BEFORE_COLON = re.compile(rb"(\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]+:")
_NOT_FORWARDED = HOP_BY_HOP | {b"x-request-id"}
_VERSIONS = {"1.0": b"1.0", "1.1": b"1.1"}


class UnreadableError(Exception):
    """The upstream does not speak HTTP as it must; `cause` is INVALID or LIMIT."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class Answer:
    """Feed it what arrives; read `started`, `status`, `fields`, `body()`, `complete`.

    `reusable` holds once complete: nothing is left over, and both ends keep the connection.
    """

    __slots__ = (
        "_chunks",
        "_content_length",
        "_head_bytes",
        "_interim",
        "_parser",
        "_raw",
        "_seen",
        "_whole",
        "_without_body",
        "buffered",
        "complete",
        "continued",
        "fields",
        "reusable",
        "started",
        "status",
        "until_close",
        "version",
    )

    def __init__(self, method: str) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._without_body = method == "HEAD"
        self._seen: Fields = []
        self._chunks: list[bytes] = []
        self._raw = b""
        self._head_bytes = 0
        self._interim = False
        self._whole = False
        self.buffered = 0
        self.status = 0
        self.version = b"1.1"
        self.fields: Fields = []
        self.started = False
        self.complete = False
        self.continued = False
        self.until_close = False
        self.reusable = False

    @property
    def silent(self) -> bool:
        """Not a byte has come."""
        return self._head_bytes == 0

    def feed(self, data: bytes) -> None:
        """Raises `UnreadableError`. What comes after the end only makes the connection unusable."""
        if self.complete:
            self.reusable = False
        elif self.started:
            self._parse(data)
        else:
            self._feed_head(data)

    def _feed_head(self, data: bytes) -> None:
        """Nothing is parsed before the first head is whole, so that it can be read as one."""
        self._head_bytes += len(data)
        if self._whole:
            self._parse(data)
        else:
            raw = self._raw = self._raw + data
            end = raw.find(b"\r\n\r\n")
            if end < 0 and b"\n\n" not in raw:
                if raw[:7] != b"HTTP/1."[: len(raw)]:
                    raise UnreadableError(Cause.INVALID)
            elif end > HEAD_LIMIT:
                raise UnreadableError(Cause.LIMIT)
            else:
                self._whole = True
                self._raw = b""
                self._parse_head(raw)
        if self._head_bytes > HEAD_LIMIT and not self.started:
            raise UnreadableError(Cause.LIMIT)

    def _parse_head(self, raw: bytes) -> None:
        """RFC 9112 §5.1: a proxy removes whitespace before the colon in an answer."""
        try:
            self._parse(raw)
        except UnreadableError:
            head, blank, rest = raw.partition(b"\r\n\r\n")
            repaired = _SPACE_BEFORE_COLON.sub(rb"\1:", head)
            if repaired == head:
                raise
            self._parser = httptools.HttpResponseParser(self)
            self._seen = []
            self._parse(repaired + blank + rest)

    def end(self) -> bool:
        """The upstream closed. True where that completes the answer (RFC 9112 §6.3, rule 8)."""
        if self.started and self.until_close:
            self.complete = True
        return self.complete

    def body(self) -> bytes:
        """Take what has come of the body since the last time."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self.buffered = 0
        return data

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise UnreadableError(Cause.INVALID) from None
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            raise (cause if isinstance(cause, UnreadableError) else error) from None
        except httptools.HttpParserError:
            if not self.complete:
                raise UnreadableError(Cause.INVALID) from None
            self.reusable = False  # bytes after the end

    # llhttp calls these, in the order of the message

    def on_message_begin(self) -> None:
        if self.complete:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.started:
            return  # a trailer: RFC 9112 §7.1.2, never merged
        if len(self._seen) == FIELD_LIMIT:
            raise UnreadableError(Cause.LIMIT)
        self._seen.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._take_interim(status)
            return
        version = _VERSIONS.get(self._parser.get_http_version())
        if version is None:
            raise UnreadableError(Cause.INVALID)
        self.status, self.version = status, version
        self._take_head()
        self.started = True
        if self._without_body:
            self.complete = True

    def on_body(self, body: bytes) -> None:
        if self.complete:
            self.reusable = False
            return
        self._chunks.append(body)
        self.buffered += len(body)

    def on_message_complete(self) -> None:
        if self._interim:
            self._interim = False
        elif self.started:
            self.complete = True

    def _take_interim(self, status: int) -> None:
        """RFC 9110 §15.2: never the final answer; 101 was not asked for."""
        if status < 100 or status == 101:
            raise UnreadableError(Cause.INVALID)
        self._interim = True
        self._seen = []
        if status == 100:
            self.continued = True

    def _take_head(self) -> None:
        """Framing (llhttp has refused bad and conflicting lengths), then the fields that pass."""
        codings, length, options = [], False, b""
        for name, value in self._seen:
            if name == b"transfer-encoding":
                codings.append(value.strip().lower())
            elif name == b"content-length":
                length = True
            elif name == b"connection":
                options += b"," + value
        if codings and (codings != [b"chunked"] or self.version == b"1.0"):
            raise UnreadableError(Cause.INVALID)
        bodiless = self._without_body or self.status in (204, 304)
        self.until_close = not (length or codings or bodiless)
        self.reusable = (
            self.version == b"1.1"
            and not self.until_close
            and not (options and says_close(options))
        )
        self.fields = forwarded_fields(self._seen, self.status, self.version, options)


def forwarded_fields(seen: Fields, status: int, version: bytes, options: bytes = b"") -> Fields:
    """What of an answer's fields (lower-case names) the client sees; `options` are Connection's."""
    dropped = _NOT_FORWARDED
    if options and (named := named_by_connection(options)):
        dropped = dropped | named
    if status == 204:  # RFC 9110 §8.6
        dropped = dropped | {b"content-length"}
    dated = False
    fields = []
    for field in seen:
        name = field[0]
        if name not in dropped and not name.startswith(b"strangler-"):
            dated = dated or name == b"date"
            fields.append(field)
    if not dated:  # RFC 9110 §6.6.1
        fields.append((b"date", _date(int(time.time()))))
    fields.append((b"via", version + b" " + PSEUDONYM))
    return fields


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode("ascii")
