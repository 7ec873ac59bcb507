"""Whatever an upstream sends: the client reads one answer, the one we read, or is cut off."""

import re
from collections.abc import Sequence

from loadtests.fuzz import strict
from loadtests.fuzz.judges import AnswerReading, Verdict, h11_answers, llhttp_answers
from loadtests.fuzz.relay import Relay, relayed
from loadtests.fuzz.requests import LONGEST_BY_OCTET, UNUSUAL_CHUNKS, Finding, one_by_one

NOT_FORWARDED = frozenset(
    (b"keep-alive", b"proxy-connection", b"te", b"trailer", b"upgrade", b"strangler-force")
)
REPAIRED = re.compile(rb"[ \t]:|\r\n[ \t]")
"""What RFC 9112 §5.1 and §5.2 let a proxy mend in answers."""

HIGHER = re.compile(rb"HTTP/1\.[2-9]")

ASKED = ((b"GET", 1), (b"HEAD", 1), (b"GET", 0))
"""Methods and versions of the request that is answered."""


def check(pieces: Sequence[bytes], *, singly: bool = True) -> Finding | None:
    """The first property that these octets break, if any. `singly`: fed octet by octet too."""
    octets = b"".join(pieces)
    for method, minor in ASKED:
        relay = relayed(pieces, method, minor)
        finding = (
            _parted(relay, relayed((octets,), method, minor), "pieces")
            or (singly and _parted_singly(relay, octets, method, minor))
            or judged(relay, method, minor)
            or _witnessed(relay, octets, method)
        )
        if finding:
            return finding._replace(detail=f"{method!r} HTTP/1.{minor}: {finding.detail}")
    return None


def _parted_singly(relay: Relay, octets: bytes, method: bytes, minor: int) -> Finding | None:
    if len(octets) > LONGEST_BY_OCTET:
        return None
    return _parted(relayed(one_by_one(octets), method, minor), relay, "octet by octet")


def _parted(relay: Relay, other: Relay, how: str) -> Finding | None:
    """How octets are parted must not matter; but a broken answer may be seen before it began."""
    broken = {relay.ending, other.ending} <= {"failed", "cut"}
    if broken or _told(relay) == _told(other):
        return None
    return Finding(f"parted: {how}", f"{_told(relay)} against {_told(other)}")


def _told(relay: Relay) -> str:
    kept = "kept" if relay.reusable else "closed"
    return f"{relay.ending} {relay.status} {relay.content!r} {kept}"


def judged(relay: Relay, method: bytes, minor: int) -> Finding | None:
    """What the client is sent, by every judge."""
    try:
        messages = strict.answers(relay.sent, method)
    except strict.StrictError as error:
        return Finding("strict: refused", str(error))
    whole = relay.ending != "cut"
    for message in messages:
        if fault := _field_fault(message, closes=relay.closes):
            return Finding("fields", fault)
    readings = [AnswerReading(int(one.start[1]), one.body, one.complete) for one in messages]
    unsized = relay.closes and whole
    if finding := _same("strict", Verdict(readings), relay, unsized=relay.closes):
        return finding
    verdict = h11_answers(relay.sent, method, ended=whole)
    if finding := _same("h11", verdict, relay, unsized=unsized):
        return finding
    if method == b"GET" and minor:
        return _same("llhttp", llhttp_answers(relay.sent), relay, unsized=False)
    return None


def _same(
    name: str, verdict: Verdict[AnswerReading], relay: Relay, *, unsized: bool
) -> Finding | None:
    """Interim answers, then one: the one we read, and not whole where it is cut off."""
    if verdict.refused:
        return Finding(f"{name}: refused", verdict.refused)
    *interim, final = verdict.readings or [AnswerReading(0, b"", complete=False)]
    if any(one.status >= 200 for one in interim):
        return Finding(f"{name}: more than one", str(verdict.readings))
    whole = relay.ending != "cut"
    content = relay.content
    if (final.status, final.body) != (relay.status, content):
        return Finding(f"{name}: other", f"{_told(relay)} against {final}")
    if final.complete != whole and not unsized:
        return Finding(f"{name}: complete", f"{_told(relay)} against {final}")
    return None


def _field_fault(message: strict.Message, *, closes: bool) -> str | None:
    names = [name.lower() for name, _ in message.fields]
    if leaked := NOT_FORWARDED.intersection(names):
        return f"forwarded: {sorted(leaked)!r}"
    if int(message.start[1]) < 200:
        return None
    if message.values(b"connection") != [b"close"] * closes:
        return f"connection: {message.values(b'connection')!r}"
    for name in (b"x-request-id", b"date"):
        if name not in names:
            return f"no {name!r}"
    if names.count(b"x-request-id") > 1:
        return "two x-request-id"
    return None


def _witnessed(relay: Relay, octets: bytes, method: bytes) -> Finding | None:
    """Whoever else takes the upstream's octets takes them for the same answer."""
    if relay.ending != "whole":
        return None
    verdict = h11_answers(octets, method)
    final = next((one for one in verdict.readings if one.status >= 200), None)
    if final is None:
        if verdict.refused:
            return _alone(relay, octets, verdict.refused) if method == b"GET" else None
        return Finding("h11: witness", "no answer")
    content = relay.content
    same_body = final.body == content if final.complete else content.startswith(final.body)
    if final.status != relay.status or not same_body or not (final.complete or verdict.refused):
        return Finding("h11: witness", f"{_told(relay)} against {final}")
    if not final.complete and method == b"GET":
        return _alone(relay, octets, verdict.refused)
    if relay.reusable and final.complete and verdict.refused:
        return Finding("h11: kept", f"{_told(relay)} though {verdict.refused}")
    return None


def _alone(relay: Relay, octets: bytes, refused: str) -> Finding | None:
    """What every other reader refuses, we should take only where we are asked to repair it."""
    verdict = llhttp_answers(HIGHER.sub(b"HTTP/1.1", octets))
    taken = [one for one in verdict.readings if one.status >= 200]
    if (
        REPAIRED.search(octets)
        or UNUSUAL_CHUNKS.search(octets)
        or (taken and taken[0][:2] == (relay.status, relay.content))
    ):
        return None
    return Finding("alone", f"{_told(relay)}: {refused}, {verdict.refused}")
