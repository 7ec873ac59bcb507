"""The same, from end to end: octets through `strangler serve`, and what came out at both sides.

After each case a request of ours on another connection shows that all of the case has arrived,
since the proxy has one connection to its upstream.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from loadtests.fuzz import strict
from loadtests.fuzz.answers import ASKED
from loadtests.fuzz.door import Door, entered
from loadtests.fuzz.judges import Reading
from loadtests.fuzz.relay import Relay, relayed
from loadtests.fuzz.requests import Finding
from loadtests.fuzz.strict import Message
from loadtests.fuzz.upstream import BETWEEN, SCRIPTED, Recorder
from proxy.demo.parts import RunningProxy
from proxy.embedded.child import on_free_port

PATIENCE = 10.0
"""Seconds that anything may take before it counts as not happening."""

SINGLY = 8192
"""Octets: longer than the head of any answer, or than what is wrong at its end."""

OWN_PAGES = b"/__strangler__"
ROUTING = """\
version: 1
legacy: {pool: 1, timeout: 5s, breaker: {failures: 1000}, retry_budget: 100}
"""


class HungError(Exception):
    """What had to come did not come."""


class End:
    """A client's end of one connection."""

    def __init__(self, port: int) -> None:
        self._sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._octets = b""
        self._ended = False
        self.reset = False

    def __enter__(self) -> "End":
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    def say(self, *pieces: bytes, apart: bool = False) -> None:
        """The proxy may have closed already: what it said before can still be read."""
        with suppress(ConnectionError):
            for piece in pieces:
                self._sock.sendall(piece)
                if apart:
                    sleep(BETWEEN)

    def answer(self, method: bytes) -> Message | None:
        """The next final answer, perhaps cut off; None at the end. Raises `HungError`."""
        while True:
            message, rest = strict.answer(self._octets, method) if self._octets else (None, b"")
            unsized = message is not None and not _sized(message, method)
            if message is not None and message.complete and (self._ended or not unsized):
                self._octets = rest
                if message.start[1] >= b"200":
                    return message
            elif self._ended:
                self._octets = b""
                return message
            else:
                self._more()

    def _more(self) -> None:
        try:
            data = self._sock.recv(65536)
        except ConnectionError:
            self.reset = True
            data = b""
        except TimeoutError:
            raise HungError(f"nothing came behind {self._octets[-60:]!r}") from None
        self._octets += data
        self._ended = not data


def _sized(message: Message, method: bytes) -> bool:
    bodiless = (
        method == b"HEAD" or message.start[1] < b"200" or message.start[1] in (b"204", b"304")
    )
    return bodiless or bool(
        message.values(b"content-length") or message.values(b"transfer-encoding")
    )


class Served:
    """A running proxy with its recording upstream."""

    def __init__(self, port: int, recorder: Recorder) -> None:
        self._port = port
        self._recorder = recorder
        self._cases = 0
        self._pseudonym = self._meet()

    def _meet(self) -> bytes:
        """The proxy's name in Via."""
        self._settle()
        (message,) = self._recorder.taken()
        return message.values(b"via")[0].removeprefix(b"1.1 ")

    def requests(self, pieces: Sequence[bytes], apart: bool = False) -> Finding | None:
        """These octets of a client: as many requests upstream as we read, and their answers."""
        read = entered(pieces, self._pseudonym)
        if any(one.target.startswith(OWN_PAGES) for one in read.reads):
            return None
        try:
            finding = self._ask(read, pieces, apart=apart)
            self._settle()
        except (HungError, strict.StrictError) as error:
            finding = Finding("served: answers", f"{type(error).__name__} {error}")
        return self._recorded(read) or finding

    def _ask(self, read: Door, pieces: Sequence[bytes], *, apart: bool) -> Finding | None:
        expected = [(one.method, one.own or 200) for one in read.reads if one.own or one.complete]
        if read.refused:  # within a body, or where no method is known
            within = bool(read.reads) and not (read.reads[-1].complete or read.reads[-1].own)
            expected.append((read.reads[-1].method if within else b"GET", read.refused))
        with End(self._port) as end:
            end.say(*pieces, apart=apart)
            for method, status in expected:
                message = end.answer(method)
                if message is None or not message.complete or int(message.start[1]) != status:
                    return Finding("served: answers", f"{message} where {status} must stand")
            if read.between:
                end.say(_request(b"/between"))
                message = end.answer(b"GET")
                if message is None or message.start[1] != b"200":
                    return Finding("served: next", str(message))
            elif read.closed and (more := end.answer(b"GET")):
                return Finding("served: more", str(more))
        return None

    def answers(self, pieces: Sequence[bytes], apart: bool = False) -> Finding | None:
        """These octets of an upstream: what the client reads is what we read, or is cut off."""
        self._cases += 1
        method, minor = ASKED[self._cases % len(ASKED)]
        pieces = _surplus_at_once(pieces, method, minor)
        self._recorder.script = pieces
        self._recorder.apart = apart
        relay = relayed(pieces, method, minor)
        try:
            with End(self._port) as end:
                end.say(_request(SCRIPTED, method, minor))
                message = end.answer(method)
                if relay.ending == "failed" and message and message.start[1] != b"502":
                    relay = relayed(_sooner(pieces), method, minor)
                finding = _same_answer(relay, message, reset=end.reset)
            self._settle()
        except (HungError, strict.StrictError) as error:
            finding = Finding("served: answers", f"{type(error).__name__} {error}")
        self._recorder.taken()
        if finding:
            return finding._replace(detail=f"{method!r} HTTP/1.{minor}: {finding.detail}")
        return None

    def _settle(self) -> None:
        """Until here, everything of the case has arrived at the upstream."""
        with End(self._port) as end:
            end.say(_request(b"/settled"))
            message = end.answer(b"GET")
        if message is None or (message.start[1], message.body) != (b"200", b"ok"):
            raise HungError(f"the next client got {message}")

    def _recorded(self, read: Door) -> Finding | None:
        faults, self._recorder.faults = self._recorder.faults, []
        messages = self._recorder.taken()
        if faults:
            return Finding("served: strict", "; ".join(faults))
        ours = [
            Reading(one.method, one.target, one.body, one.complete)
            for one in read.reads
            if one.begun
        ]
        theirs = [Reading(*one.start[:2], one.body, one.complete) for one in messages]
        theirs = [one for one in theirs if one.target not in (b"/between", b"/settled")]
        if ours and not ours[-1].complete and _is_part(theirs[len(ours) - 1 :], ours[-1]):
            ours.pop()
            theirs = theirs[: len(ours)]
        if ours != theirs:
            return Finding("served: requests", f"{ours} against {theirs}")
        return None


def _is_part(theirs: Sequence[Reading], last: Reading) -> bool:
    """A request that broke off may have arrived in part, or not at all."""
    if not theirs:
        return True
    short, long = sorted((theirs[0].body or b"", last.body or b""), key=len)
    return len(theirs) == 1 and not theirs[0].complete and long.startswith(short)


def _same_answer(relay: Relay, message: Message | None, *, reset: bool) -> Finding | None:
    told = (relay.ending, relay.status, relay.content)
    if message is None:
        return Finding("served: no answer", str(told))
    status = int(message.start[1] or b"0")
    if relay.ending == "whole":
        same = (status, message.body) == (relay.status, relay.content)
        if same and message.complete and not reset:
            return None
    elif relay.ending == "failed" or status == 502:
        if message.complete and status == 502:
            return None
    elif relay.content.startswith(message.body) and (reset or not message.complete):
        return None
    return Finding("served: answer", f"{told} against {message} {'reset' if reset else ''}")


def _surplus_at_once(pieces: Sequence[bytes], method: bytes, minor: int) -> Sequence[bytes]:
    """What follows an answer comes with its end: later it might meet the next request."""
    for at in range(1, len(pieces)):
        if relayed(pieces[:at], method, minor).reusable:
            return [*pieces[: at - 1], b"".join(pieces[at - 1 :])]
    return pieces


def _sooner(pieces: Sequence[bytes]) -> list[bytes]:
    """As if less came at once: an answer that is broken further on may have begun by then."""
    octets = b"".join(pieces)
    size = len(octets)
    middle = range(SINGLY, size - SINGLY)
    cuts = [*range(min(SINGLY, size)), *middle[::1024], *range(max(SINGLY, size - SINGLY), size)]
    return [octets[at:end] for at, end in pairwise([*cuts, size])]


def _request(target: bytes, method: bytes = b"GET", minor: int = 1) -> bytes:
    return b"%b %b HTTP/1.%d\r\nHost: www.example.org\r\n\r\n" % (method, target, minor)


@contextmanager
def serving() -> Iterator[Served]:
    """Start the proxy, one worker, in a folder of its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "routing.yaml").write_text(ROUTING)
        recorder = Recorder()
        settings = {"STRANGLER_LEGACY_URL": f"http://127.0.0.1:{recorder.port}"}
        proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port, workers=1))
        try:
            yield Served(proxy.port, recorder)
        finally:
            proxy.close()
            recorder.close()
