"""Bodies as they come: where one ends, and what of it is content (RFC 9112 §6, §7.1)."""

import re
from typing import Protocol

from proxy.wire.errors import MalformedError, TooLargeError

LONGEST_CHUNK_LINE = 1024
LONGEST_TRAILERS = 8192

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*")


class Body(Protocol):
    """Feed it octets; it gives content, and keeps what follows the end in `rest`."""

    done: bool
    rest: bytes

    def feed(self, data: bytes) -> bytes: ...


class SizedBody:
    """Content-Length says where it ends."""

    __slots__ = ("done", "left", "rest")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """All of it is content, up to the length."""
        left = self.left - len(data)
        if left > 0:
            self.left = left
            return data
        self.left = 0
        self.done = True
        if left == 0:
            return data
        self.rest = data[left:]
        return data[:left]


class UnsizedBody:
    """It ends when the connection does; `done` is for the reader to set."""

    __slots__ = ("done", "rest")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        return data


class ChunkedBody:
    """Chunk by chunk, each with its size in front. Trailers are read and dropped (§7.1.2)."""

    __slots__ = ("_chunk_left", "_ended", "_raw", "_trailers", "done", "rest")

    def __init__(self) -> None:
        self._raw = b""
        self._chunk_left = 0  # of the chunk under way, with the line end behind it
        self._ended = False  # the last chunk was seen; trailers, then the empty line
        self._trailers = 0
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        """The content in these octets. Raises `MalformedError`."""
        raw = self._raw + data if self._raw else data
        content: list[bytes] = []
        at = 0
        while not self.done:
            if self._chunk_left:
                taken = self._take(raw, at, content)
            elif self._ended:
                taken = self._skip_trailer(raw, at)
            else:
                taken = self._read_size(raw, at)
            if taken == 0:
                break
            at += taken
        if self.done:
            self._raw, self.rest = b"", raw[at:]
        else:
            self._raw = raw[at:]
        return content[0] if len(content) == 1 else b"".join(content)

    def _take(self, raw: bytes, at: int, content: list[bytes]) -> int:
        """Content of the chunk under way, and its line end once that is here whole."""
        here = len(raw) - at
        if here >= self._chunk_left:
            end = at + self._chunk_left
            if raw[end - 2 : end] != b"\r\n":
                raise MalformedError("a chunk does not end where its size says")
            if end - 2 > at:
                content.append(raw[at : end - 2])
            taken, self._chunk_left = self._chunk_left, 0
            return taken
        taken = min(here, self._chunk_left - 2)  # the line end is looked at as one
        if taken > 0:
            content.append(raw[at : at + taken])
            self._chunk_left -= taken
        return max(taken, 0)

    def _read_size(self, raw: bytes, at: int) -> int:
        size = _SIZE.match(raw, at)
        if size is None:
            if raw.find(b"\n", at) >= 0:
                raise MalformedError("a chunk does not begin with its size")
            if len(raw) - at >= LONGEST_CHUNK_LINE:
                raise TooLargeError("the extensions of a chunk are too long")
            return 0
        length = size.end() - at
        if length > LONGEST_CHUNK_LINE:
            raise TooLargeError("the extensions of a chunk are too long")
        count = int(size[1], 16)
        if count:
            self._chunk_left = count + 2
        else:
            self._ended = True
        return length

    def _skip_trailer(self, raw: bytes, at: int) -> int:
        end = raw.find(b"\r\n", at)
        if end < 0:
            if raw.find(b"\n", at) >= 0:
                raise MalformedError("a trailer is not a field line")
            if self._trailers + len(raw) - at > LONGEST_TRAILERS:
                raise TooLargeError("the trailers are too long")
            return 0
        length = end + 2 - at
        self._trailers += length
        if self._trailers > LONGEST_TRAILERS:
            raise TooLargeError("the trailers are too long")
        if length == 2:
            self.done = True
        elif _TRAILER.fullmatch(raw, at, end) is None:
            raise MalformedError("a trailer is not a field line")
        return length


LAST_CHUNK = b"0\r\n\r\n"


def framed(content: bytes) -> bytes:
    """One chunk. Content must not be empty: an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(content), content)
