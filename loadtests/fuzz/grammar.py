"""Messages that are nearly valid: each part is mostly as it should be, and sometimes is not."""

from loadtests.fuzz import corpus, words
from loadtests.fuzz.choices import Choices

ODD = 48
"""One in so many parts of a message is not as it should be."""

MOST_MUTATIONS = 3
SPARED = 5
MOST_PIECES = 6


def requests(choices: Choices) -> list[bytes]:
    """The octets of one client's connection, in pieces."""
    if choices.one_in(4):
        octets = choices.any_of(corpus.REQUESTS)
    else:
        octets = b"".join(_request(choices) for _ in range(1 + choices.below(3)))
    return pieces(mutated(octets, corpus.REQUESTS, choices), choices)


def answers(choices: Choices) -> list[bytes]:
    """The octets of an upstream, in pieces."""
    if choices.one_in(4):
        octets = choices.any_of(corpus.ANSWERS)
    else:
        interim = (_interim(choices) for _ in range(max(choices.below(6) - 3, 0)))
        octets = b"".join((*interim, _answer(choices)))
    return pieces(mutated(octets, corpus.ANSWERS, choices), choices)


def mutated(octets: bytes, others: tuple[bytes, ...], choices: Choices) -> bytes:
    """Some octets gone, doubled, put in, changed, or taken from elsewhere."""
    for _ in range(max(choices.below(MOST_MUTATIONS + SPARED) - SPARED + 1, 0)):
        at = choices.below(min(len(octets) + 1, 65536))
        end = min(at + 1 + choices.below(16), len(octets))
        kind = choices.below(5)
        if kind == 0:
            octets = octets[:at] + choices.any_of(words.INTERESTING) + octets[at:]
        elif kind == 1:
            octets = octets[:at] + octets[end:]
        elif kind == 2:
            octets = octets[:end] + octets[at:end] + octets[end:]
        elif kind == 3:
            octets = octets[:at] + bytes((choices.below(256),)) + octets[at + 1 :]
        else:
            octets = octets[:at] + choices.any_of(others)[-1 - choices.below(200) :]
    return octets


def pieces(octets: bytes, choices: Choices) -> list[bytes]:
    """Parted at places that mean something, and at others."""
    count = max(choices.below(2 * MOST_PIECES) - MOST_PIECES, 0)
    cuts = sorted({choices.below(min(len(octets) + 1, 65536)) for _ in range(count)})
    ends = [*cuts, len(octets)]
    parted = [octets[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    return [piece for piece in parted if piece]


def _request(choices: Choices) -> bytes:
    body, framing = _body(choices)
    host = choices.of(b"Host: " + choices.any_of(words.HOSTS), (b"",), one_in=ODD)
    host = choices.of(host, tuple(b"Host: " + odd for odd in words.ODD_HOSTS), one_in=ODD)
    lines = [host] * bool(host) + [_field(choices) for _ in range(choices.below(4))]
    lines.insert(choices.below(len(lines) + 1), framing)
    if choices.one_in(4):
        lines.append(_special(choices))
    line = (
        choices.of(choices.any_of(words.METHODS), words.ODD_METHODS, one_in=ODD)
        + _space(choices)
        + choices.of(choices.any_of(words.TARGETS), words.ODD_TARGETS, one_in=ODD)
        + _space(choices)
        + choices.of(choices.any_of(words.VERSIONS), words.ODD_VERSIONS, one_in=ODD)
    )
    empty = choices.of(b"", (b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n", b"\n", b"\r"), one_in=ODD)
    return empty + _block([line, *lines], choices) + body


def _answer(choices: Choices) -> bytes:
    body, framing = _body(choices)
    version = choices.of(choices.any_of(words.VERSIONS), words.ODD_VERSIONS, one_in=ODD)
    status = choices.of(choices.any_of(words.STATUSES), words.ODD_STATUSES, one_in=ODD)
    lines = [_field(choices) for _ in range(choices.below(4))]
    if not choices.one_in(6):
        lines.insert(choices.below(len(lines) + 1), framing)
    if choices.one_in(6):
        lines.append(b"Connection: " + choices.any_of(words.CONNECTIONS))
    return _block([version + _space(choices) + status, *lines], choices) + body


def _interim(choices: Choices) -> bytes:
    lines = [_field(choices) for _ in range(choices.below(3))]
    line = b"HTTP/1.1 " + choices.of(choices.any_of(words.INTERIM), words.ODD_STATUSES, one_in=ODD)
    return _block([line, *lines], choices)


def _block(lines: list[bytes], choices: Choices) -> bytes:
    """Lines with their ends, and the empty line."""
    ended = (line + _end(choices) for line in lines if line)
    return b"".join(ended) + _end(choices)


def _space(choices: Choices) -> bytes:
    return choices.of(b" ", words.ODD_SPACES, one_in=3 * ODD)


def _end(choices: Choices) -> bytes:
    return choices.of(b"\r\n", words.ODD_ENDS, one_in=3 * ODD)


def _field(choices: Choices) -> bytes:
    name = choices.of(choices.any_of(words.NAMES), words.ODD_NAMES, one_in=ODD)
    value = choices.of(choices.any_of(words.VALUES), words.ODD_VALUES, one_in=ODD)
    return name + _colon(choices) + value


def _colon(choices: Choices) -> bytes:
    return choices.of(choices.any_of(words.COLONS), words.ODD_COLONS, one_in=ODD)


def _special(choices: Choices) -> bytes:
    return choices.any_of(
        (
            b"Connection: " + choices.any_of(words.CONNECTIONS),
            b"Expect: 100-continue",
            b"Upgrade: websocket",
            b"Connection: Upgrade\r\nUpgrade: websocket",
            b"Max-Forwards: " + choices.any_of((b"0", b"1", b"x", b"+1", b"99999999999999999999")),
            b"Expect: x",
            b"Cookie: a\r\nCookie: b",
            b"Upgrade: h2c\r\nConnection: upgrade",
            b"X_Y: z",
        )
    )


def _body(choices: Choices) -> tuple[bytes, bytes]:
    """A body, and the field line that frames it (or none)."""
    kind = choices.below(3)
    if kind == 0:
        return b"", b""
    content = _content(choices)
    if kind == 1:
        length = choices.of(b"%d", words.ODD_LENGTHS, one_in=ODD)
        told = len(content) + choices.of(0, (-1, 1, 7), one_in=ODD)
        line = (
            b"Content-Length"
            + _colon(choices)
            + length.replace(b"%d", b"%d" % told).replace(b"%x", b"%x" % told)
        )
        return content, line
    coding = choices.of(choices.any_of(words.CODINGS), words.ODD_CODINGS, one_in=ODD)
    return _chunked(content, choices), b"Transfer-Encoding" + _colon(choices) + coding


def _content(choices: Choices) -> bytes:
    content = choices.any_of(
        (b"hello", b"", corpus.INNER, b"0\r\n\r\n", b"\r\n", b"a\x00\xff", b"x" * 70)
    )
    return choices.of(content, (b"y" * words.LONG,), one_in=4 * ODD)


def _chunked(content: bytes, choices: Choices) -> bytes:
    at = choices.below(min(len(content), 65535) + 1)
    chunks = [chunk for chunk in (content[:at], content[at:]) if chunk]
    framed = b"".join(_chunk(chunk, choices) for chunk in chunks)
    last = choices.of(b"0", words.ODD_SIZES, one_in=ODD).replace(b"%x", b"0")
    trailers = choices.of(choices.any_of(words.TRAILERS), words.ODD_TRAILERS, one_in=ODD)
    return framed + last + _end(choices) + trailers + _end(choices)


def _chunk(chunk: bytes, choices: Choices) -> bytes:
    size = b"%x" % (len(chunk) + choices.of(0, (-1, 1, 2), one_in=3 * ODD))
    told = choices.of(b"%x", words.ODD_SIZES, one_in=ODD).replace(b"%x", size)
    return told + _end(choices) + chunk + _end(choices)
