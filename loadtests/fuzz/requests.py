"""Whatever a client sends: refused, or taken by everybody for what we took it for."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from loadtests.fuzz import strict
from loadtests.fuzz.door import PEER, Door, Read, entered
from loadtests.fuzz.judges import JUDGES, Judge, Reading

PLAIN = (b"GET", b"/judged")
UNUSUAL_CHUNKS = re.compile(rb"[0-9A-Fa-f][ \t]+;|\r\n0+(?:;[^\r]*)?\r\n[^\r]")
"""White space before an extension, and trailers: right by RFC 9112 §7.1, refused by most judges."""

LONGEST_BY_OCTET = 250
"""Octets of a stream that is also fed octet by octet."""

NOT_FORWARDED = frozenset(
    (b"keep-alive", b"proxy-connection", b"te", b"trailer", b"proxy", b"strangler-force")
)


class Finding(NamedTuple):
    """`kind` names the property that does not hold; `detail` says where."""

    kind: str
    detail: str


def check(pieces: Sequence[bytes], *, singly: bool = True) -> Finding | None:
    """The first property that these octets break, if any. `singly`: fed octet by octet too."""
    door, octets = entered(pieces), b"".join(pieces)
    return (
        _differs(door, entered((octets,)), "pieces")
        or (singly and _differs(entered(one_by_one(octets)), door, "octet by octet"))
        or judged(door.reads)
        or _witnessed(door, octets)
        or None
    )


def one_by_one(octets: bytes) -> list[bytes]:
    if len(octets) > LONGEST_BY_OCTET:
        return [octets]
    return [octets[at : at + 1] for at in range(len(octets))]


def _differs(door: Door, other: Door, how: str) -> Finding | None:
    """How octets are parted must not matter, but for how much of a broken body came through."""
    ours, theirs = _summary(door), _summary(other)
    if ours != theirs:
        return Finding(f"parted: {how}", f"{ours} against {theirs}")
    for one, another in zip(door.reads, other.reads, strict=True):
        short, long = sorted((one.body, another.body), key=len)
        if one.body != another.body and (one.complete or not long.startswith(short)):
            return Finding(f"parted: {how}", f"bodies {one.body!r} against {another.body!r}")
    return None


def _summary(door: Door) -> tuple[object, ...]:
    reads = [
        (read.method, read.target, read.minor, read.plan, read.special, read.own, read.complete)
        for read in door.reads
    ]
    return (reads, door.refused, door.closed)


def judged(reads: Sequence[Read]) -> Finding | None:
    """All that goes upstream, on one connection, by every judge."""
    begun = [read for read in reads if read.begun]
    if not begun:
        return None
    for trusted in (False, True):
        try:
            messages = strict.requests(b"".join(one.forwarded(trusted=trusted) for one in begun))
        except strict.StrictError as error:
            return Finding("strict: refused", str(error))
        ours = [Reading(one.method, one.target, one.body, one.complete) for one in begun]
        theirs = [Reading(*one.start[:2], one.body, one.complete) for one in messages]
        if ours != theirs:
            return Finding("strict: other", f"{ours} against {theirs}")
        for message in messages:
            if fault := _field_fault(message, trusted=trusted):
                return Finding("fields", fault)
    for judge in JUDGES:
        if finding := _judged_by(judge, begun, excused=_repeats_content_type(messages)):
            return finding
    return None


def _judged_by(judge: Judge, reads: Sequence[Read], *, excused: bool) -> Finding | None:
    ours, stream = [], []
    for read in reads:
        octets = read.forwarded()
        method, target = read.method, read.target
        if not judge.takes(method, target):
            rest = octets[len(method) + 1 + len(target) :]
            method, target = PLAIN
            octets = b"%b %b%b" % (method, target, rest)
        stream.append(octets)
        ours.append(Reading(method, target, read.body, read.complete))
    verdict = judge.read(b"".join(stream))
    if verdict.refused:
        if judge.name == "gunicorn" and excused:
            return None
        return Finding(f"{judge.name}: refused", verdict.refused)
    if not same(ours, verdict.readings):
        return Finding(f"{judge.name}: other", f"{ours} against {verdict.readings}")
    return None


def same(ours: Sequence[Reading], theirs: Sequence[Reading]) -> bool:
    if len(ours) != len(theirs):
        return False
    return all(
        one == another or (another.body is None and one._replace(body=None) == another)
        for one, another in zip(ours, theirs, strict=True)
    )


def _repeats_content_type(messages: Sequence[strict.Message]) -> bool:
    """Gunicorn refuses that; it is no matter of where a message ends."""
    return any(len(message.values(b"content-type")) > 1 for message in messages)


def _field_fault(message: strict.Message, *, trusted: bool) -> str | None:
    names = [name.lower() for name, _ in message.fields]
    if leaked := NOT_FORWARDED.intersection(names):
        return f"forwarded: {sorted(leaked)!r}"
    upgrading = message.values(b"upgrade")
    if upgrading not in ([], [b"websocket"]):
        return f"upgrade: {upgrading!r}"
    if message.values(b"connection") != [b"Upgrade"] * len(upgrading):
        return f"connection: {message.values(b'connection')!r}"
    once = (b"via", b"x-request-id", b"x-forwarded-for", b"x-forwarded-host", b"forwarded")
    counts = {name: names.count(name) for name in once if names.count(name) != 1}
    if counts or names.count(b"cookie") > 1:
        return f"not once: {counts or 'cookie'}"
    if not trusted and message.values(b"x-forwarded-for") != [PEER.encode()]:
        return f"forged: {message.values(b'x-forwarded-for')!r}"
    return None


def _witnessed(door: Door, octets: bytes) -> Finding | None:
    """Whoever else takes the client's octets takes them for the same requests; somebody does."""
    alone = True
    for judge in JUDGES:
        verdict = judge.read(octets)
        for read, theirs in zip(door.reads, verdict.readings, strict=False):
            if finding := _same_request(judge, read, theirs, door, refused=bool(verdict.refused)):
                return finding
        if len(verdict.readings) < len(door.reads) and not verdict.refused:
            detail = f"{len(verdict.readings)} requests, ours {len(door.reads)}"
            return Finding(f"{judge.name}: witness", detail)
        alone = alone and bool(verdict.refused)
    return _alone(door.reads) if alone else None


def _alone(reads: Sequence[Read]) -> Finding | None:
    """What every other reader refuses, we should not take."""
    for read in reads:
        octets = b"POST /judged HTTP/1.%d\r\n%b" % (read.minor, read.raw)
        ours = [Reading(b"POST", b"/judged", read.body, complete=True)]
        if not read.complete or UNUSUAL_CHUNKS.search(read.raw):
            continue
        verdicts = [judge.read(octets) for judge in JUDGES]
        if not any(same(ours, one.readings) for one in verdicts):
            return Finding("alone", f"{read.raw!r}: {[one.refused for one in verdicts]}")
    return None


def _same_request(
    judge: Judge, read: Read, theirs: Reading, door: Door, *, refused: bool
) -> Finding | None:
    absolute = not theirs.target.startswith(b"/")
    same_line = theirs.method == read.method and (absolute or theirs.target == read.target)
    if read.complete and theirs.complete:
        same_body = read.body == theirs.body
    elif read.complete:
        same_body = refused
    elif theirs.complete:
        same_body = door.closed  # refused within the body, or answered before it
    else:
        same_body = True
    if same_line and same_body:
        return None
    return Finding(f"{judge.name}: witness", f"{theirs} against {read}")
