"""Other readers of HTTP/1.1: h11, llhttp (by httptools) and gunicorn's own.

Each reads all requests of one connection, or the answers to one request. Where a reader is stricter
by its own choice about a method or a target, it is shown a plainer request line: what is judged is
where messages begin and end.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import h11
import httptools
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]

LARGEST = 1 << 20
"""Octets of a head that any judge may take."""

STRANGER = ("192.0.2.1", 4711)
ASCII_TARGET = re.compile(rb"[\x21-\x7e]+")

# llhttp knows a list; these have no rules of their own in it.
LLHTTP_METHODS = frozenset(
    b"GET HEAD POST PUT DELETE OPTIONS TRACE PATCH PURGE PROPFIND MKCOL COPY MOVE LOCK".split()
)


class Reading(NamedTuple):
    """One message. `body` is None where a reader keeps a part of one to itself."""

    method: bytes
    target: bytes
    body: bytes | None
    complete: bool


PART_OF_A_HEAD = Reading(b"", b"", b"", complete=False)


class AnswerReading(NamedTuple):
    status: int
    body: bytes
    complete: bool


R = TypeVar("R")


class Verdict(NamedTuple, Generic[R]):
    """What was read; then, where the reader takes the rest for no HTTP/1.1, why."""

    readings: list[R]
    refused: str = ""


class Judge(NamedTuple):
    """`takes` says of a method and a target whether the reader takes them at all."""

    name: str
    read: Callable[[bytes], Verdict[Reading]]
    takes: Callable[[bytes, bytes], bool]


def _h11_requests(octets: bytes) -> Verdict[Reading]:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LARGEST)
    readings: list[Reading] = []
    try:
        connection.receive_data(octets)
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                readings.append(Reading(event.method, event.target, b"", complete=False))
            elif isinstance(event, h11.Data):
                last = readings[-1]
                readings[-1] = last._replace(body=(last.body or b"") + bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                readings[-1] = readings[-1]._replace(complete=True)
            elif event is h11.PAUSED:
                _answer(connection)
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return Verdict(readings)
                connection.start_next_cycle()
            else:
                break
    except h11.ProtocolError as error:
        return Verdict(readings, str(error))
    if (not readings or readings[-1].complete) and connection.trailing_data[0]:
        readings.append(PART_OF_A_HEAD)
    return Verdict(readings)


def _answer(connection: h11.Connection) -> None:
    """Only then h11 goes on to the next request; an Upgrade is thereby declined."""
    connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())


class _Heard:
    """Callbacks of httptools."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.begun = 0
        self.readings: list[Reading] = []
        self.framed = False
        self._target = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        lower = name.lower()
        self.framed |= lower == b"transfer-encoding" or (
            lower == b"content-length" and value != b"0"
        )

    def on_message_begin(self) -> None:
        self.begun += 1
        self.framed = False
        self._target = b""

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_headers_complete(self) -> None:
        method = self.parser.get_method()
        self.readings.append(Reading(method, self._target, b"", complete=False))

    def on_body(self, part: bytes) -> None:
        last = self.readings[-1]
        self.readings[-1] = last._replace(body=(last.body or b"") + part)

    def on_message_complete(self) -> None:
        self.readings[-1] = self.readings[-1]._replace(complete=True)


def _llhttp_requests(octets: bytes) -> Verdict[Reading]:
    readings: list[Reading] = []
    while octets:
        heard = _Heard()
        heard.parser = httptools.HttpRequestParser(heard)
        refused, rest = "", b""
        try:
            heard.parser.feed_data(octets)
        except httptools.HttpParserUpgrade as upgrade:  # what follows it reads no more
            rest = octets[upgrade.args[0] :]
            if heard.framed:  # it reads no body then
                refused = "a body"
                heard.readings[-1] = heard.readings[-1]._replace(complete=False)
        except httptools.HttpParserError as error:
            refused = f"{type(error).__name__} {error}"
        readings += heard.readings
        if refused:
            return Verdict(readings, refused)
        if heard.begun > len(heard.readings):
            readings.append(PART_OF_A_HEAD)
        octets = rest
    return Verdict(readings)


def _gunicorn_config() -> Any:
    config = Config()
    for name, value in {
        "limit_request_line": 0,
        "limit_request_fields": 1000,
        "limit_request_field_size": LARGEST,
        "permit_unconventional_http_method": True,
        "http_parser": "python",
        "header_map": "refuse",
    }.items():
        config.set(name, value)
    return config


_GUNICORN = _gunicorn_config()


def _gunicorn_requests(octets: bytes) -> Verdict[Reading]:
    parser = RequestParser(_GUNICORN, iter([octets]), STRANGER)
    readings: list[Reading] = []
    try:
        for message in parser:
            method, target = message.method.encode("latin-1"), message.uri.encode("latin-1")
            readings.append(Reading(method, target, None, complete=False))
            body = message.body.read()
            lengths = [value for name, value in message.headers if name == "CONTENT-LENGTH"]
            complete = not lengths or len(body) == int(lengths[0])
            readings[-1] = Reading(method, target, body, complete)
    except (ParseException, OSError) as error:
        if type(error).__name__ not in ("NoMoreData", "ChunkMissingTerminator"):
            return Verdict(readings, f"{type(error).__name__} {error}")
        if not readings or readings[-1].complete:
            readings.append(PART_OF_A_HEAD)
    return Verdict(readings)


def _ascii(_: bytes, target: bytes) -> bool:
    return ASCII_TARGET.fullmatch(target) is not None


def _known_to_llhttp(method: bytes, target: bytes) -> bool:
    return method in LLHTTP_METHODS and _ascii(method, target)


JUDGES: Sequence[Judge] = (
    Judge("h11", _h11_requests, _ascii),
    Judge("llhttp", _llhttp_requests, _known_to_llhttp),
    Judge("gunicorn", _gunicorn_requests, _ascii),
)


def h11_answers(octets: bytes, method: bytes, *, ended: bool = True) -> Verdict[AnswerReading]:
    """Interim and final answers to one request; octets behind them are a reason to refuse.

    `ended`: the connection was closed in order behind the last octet.
    """
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    connection.send(h11.EndOfMessage())
    readings: list[AnswerReading] = []
    try:
        connection.receive_data(octets)
        if ended:
            connection.receive_data(b"")
        _read_answers(connection, readings)
    except h11.RemoteProtocolError as error:
        cut_short = readings and "closed connection without sending" in str(error)
        return Verdict(readings, "" if cut_short else str(error))
    rest = connection.trailing_data[0]
    if rest and readings and readings[-1].complete:
        return Verdict(readings, f"octets behind the answer: {rest[:60]!r}")
    return Verdict(readings)


def _read_answers(connection: h11.Connection, readings: list[AnswerReading]) -> None:
    while True:
        event = connection.next_event()
        if isinstance(event, h11.InformationalResponse | h11.Response):
            whole = isinstance(event, h11.InformationalResponse)
            readings.append(AnswerReading(event.status_code, b"", whole))
        elif isinstance(event, h11.Data):
            last = readings[-1]
            readings[-1] = last._replace(body=last.body + bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            readings[-1] = readings[-1]._replace(complete=True)
        else:
            return


class _HeardAnswers:
    def __init__(self) -> None:
        self.parser: Any = None
        self.readings: list[AnswerReading] = []

    def on_headers_complete(self) -> None:
        self.readings.append(AnswerReading(self.parser.get_status_code(), b"", complete=False))

    def on_body(self, part: bytes) -> None:
        last = self.readings[-1]
        self.readings[-1] = last._replace(body=last.body + part)

    def on_message_complete(self) -> None:
        self.readings[-1] = self.readings[-1]._replace(complete=True)


def llhttp_answers(octets: bytes) -> Verdict[AnswerReading]:
    """Interim and final answers to a GET. It cannot be told of HEAD, nor that the octets end."""
    heard = _HeardAnswers()
    heard.parser = httptools.HttpResponseParser(heard)
    try:
        heard.parser.feed_data(octets)
    except httptools.HttpParserUpgrade:
        return Verdict(heard.readings)
    except httptools.HttpParserError as error:
        return Verdict(heard.readings, f"{type(error).__name__} {error}")
    return Verdict(heard.readings)
