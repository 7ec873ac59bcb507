"""Whether the side that is to answer a visitor knows what they have just written. Pure.

no write, or on this side, or long ago ─▶ answer
it is known to have arrived            ─▶ answer
it may be on its way                   ─▶ wait: arrived ─▶ answer, late ─▶ ask the other side

"""

from dataclasses import dataclass

from legacy_bridge.replication.causality import Token
from legacy_bridge.replication.owners import Owner
from legacy_bridge.replication.pgoutput.lsn import Lsn


@dataclass(frozen=True, slots=True)
class Limits:
    """`wait_seconds`: how long a request is held up for what is on its way. `remember_seconds`:
    how long after a write; who comes later takes the side as they find it."""

    wait_seconds: float = 0.5
    remember_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The side answers."""

    side: Owner


@dataclass(frozen=True, slots=True)
class Wait:
    """For `seconds` at most; then `arrived` or `late` answers."""

    token: Token
    seconds: float
    arrived: Answer
    late: Answer


def decide(
    token: Token | None,
    answering: Owner,
    known: Lsn,
    now: float,
    limits: Limits | None = None,
    *,
    other_can: bool = True,
) -> Answer | Wait:
    """`token`: of what the visitor wrote last. `answering`: the side that would answer anyway;
    `known`: how much of the other side's log is there. `other_can`: the other side can be asked
    this; if not, the visitor is better off with an older answer than with none."""
    limits = limits or Limits()
    here = Answer(answering)
    if token is None or token.side is answering or token.position <= known:
        return here
    if token.age(now) > limits.remember_seconds:
        return here
    return Wait(token, limits.wait_seconds, here, Answer(token.side) if other_can else here)


def newer(one: Token | None, other: Token) -> Token:
    """Which of two a visitor is to bring back: what was written last, it may have been on either
    side."""
    return other if one is None or one.at <= other.at else one
