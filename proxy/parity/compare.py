"""One question, both answers: the whole comparison from the status to the last element.

1. status        where it differs nothing else can be expected to be alike
2. headers       those that somebody acts on; cookies attribute by attribute
3. body          by its media type; where that differs, the header says it all
"""

from dataclasses import dataclass

from proxy.parity.answer import Answer, Content, ContentType, Question, content_of
from proxy.parity.bodies import Body, compare_bodies
from proxy.parity.canon import Canon
from proxy.parity.config import ParityConfig
from proxy.parity.cookies import compare_cookies, read
from proxy.parity.finding import Difference, Findings
from proxy.parity.headers import compare_headers
from proxy.parity.text_body import compare_octets


@dataclass(frozen=True, slots=True)
class Outcome:
    """`differences` in the order in which they were found, `left_out` of them too many to keep;
    `rules` without which there would be more; `notes` say what was not compared in detail."""

    differences: tuple[Difference, ...] = ()
    rules: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def equal(self) -> bool:
        return not self.differences


DEFAULT = ParityConfig()


def compare(
    question: Question, control: Answer, candidate: Answer, config: ParityConfig = DEFAULT
) -> Outcome:
    """What the candidate (native) answers otherwise than the control (legacy)."""
    findings = Findings(config)
    canon = Canon(question.at, config)
    if control.status != candidate.status:
        findings.differs("status", str(control.status), str(candidate.status))
        if len(findings):
            findings.notes.append("the statuses differ: nothing else was compared")
    else:
        _compare(question, control, candidate, config, canon, findings)
    return Outcome(tuple(findings), frozenset(canon.used), tuple(findings.notes), findings.left_out)


def _compare(
    question: Question,
    control: Answer,
    candidate: Answer,
    config: ParityConfig,
    canon: Canon,
    findings: Findings,
) -> None:
    limit = config.limits.body
    ours, theirs = content_of(control, limit), content_of(candidate, limit)
    same_body = ours == theirs
    compare_headers(
        question, control, candidate, same_body=same_body, canon=canon, findings=findings
    )
    compare_cookies(
        read(control.lines("set-cookie"), question.at, config.skew),
        read(candidate.lines("set-cookie"), question.at, config.skew),
        canon,
        findings,
    )
    kind, other = ContentType.of(control), ContentType.of(candidate)
    if same_body:
        return
    if kind.media != other.media:
        findings.notes.append("the media types differ: the bodies were not compared")
    elif reason := _unreadable(ours, theirs, limit):
        findings.notes.append(f"{reason}: the bodies were compared by hash only")
        compare_octets(control.body, candidate.body, findings)
    else:
        sides = Body(ours.octets, kind), Body(theirs.octets, other)
        compare_bodies(*sides, config.limits, canon, findings)


def _unreadable(control: Content, candidate: Content, limit: int) -> str:
    """Why they cannot be compared in detail; empty where they can."""
    if control.fault or candidate.fault:
        return control.fault or candidate.fault
    return "" if control.whole and candidate.whole else f"a body has more than {limit} octets"
