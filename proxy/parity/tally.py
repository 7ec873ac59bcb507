"""What many comparisons found, by domain, route and generalised field path. Tallies add up: those
of several workers, or of several runs, become one, whichever is taken first."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from proxy.parity.answer import Question
from proxy.parity.compare import Outcome
from proxy.parity.finding import Kind
from proxy.parity.masking import masked_target
from proxy.parity.noise import Noise, Verdict
from proxy.parity.paths import generalised

EXAMPLES = 3
PATHS = 200
"""Kept of each path, and of each route: the differences that a bound leaves out are counted."""


class Example(msgspec.Struct, frozen=True, order=True):
    """One difference as it was seen; `when` in seconds since 1970. Everything is masked."""

    when: float
    method: str
    target: str
    path: str
    kind: Kind
    control: str = ""
    candidate: str = ""


class PathTally(msgspec.Struct):
    """Of one generalised path: answers that differed there, and in which way."""

    differing: int = 0
    kinds: dict[Kind, int] = msgspec.field(default_factory=dict)
    examples: list[Example] = msgspec.field(default_factory=list)

    def add(self, other: "PathTally") -> None:
        self.differing += other.differing
        for kind, count in other.kinds.items():
            self.kinds[kind] = self.kinds.get(kind, 0) + count
        self.examples = sorted({*self.examples, *other.examples})[:EXAMPLES]


class RouteTally(msgspec.Struct):
    """Of one route. `left` are answers that the native side left to the legacy side to give, which
    are not compared; `failed` questions that were not answered. `noisy` counts, of `repeated`
    questions, how often the legacy side differed from itself at a path."""

    domain: str
    route: str
    asked: int = 0
    equal: int = 0
    left: int = 0
    failed: int = 0
    left_out: int = 0
    repeated: int = 0
    noisy: dict[str, int] = msgspec.field(default_factory=dict)
    paths: dict[str, PathTally] = msgspec.field(default_factory=dict)
    rules: dict[str, int] = msgspec.field(default_factory=dict)
    notes: dict[str, int] = msgspec.field(default_factory=dict)

    @property
    def compared(self) -> int:
        return self.asked - self.left - self.failed

    @property
    def noise(self) -> Noise:
        return Noise(self.repeated, self.noisy)

    def verdicts(self) -> Iterator[tuple[str, PathTally, Verdict]]:
        """Every path that differed, the most frequent first."""
        noise = self.noise
        for path, found in sorted(self.paths.items(), key=lambda one: (-one[1].differing, one[0])):
            yield path, found, noise.verdict(path, found.differing, self.compared)

    @property
    def differs(self) -> bool:
        """Whether anything differs that is not noise."""
        return any(verdict.shown for _, _, verdict in self.verdicts())

    def add(self, other: "RouteTally") -> None:
        for name in ("asked", "equal", "left", "failed", "left_out", "repeated"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("noisy", "rules", "notes"):
            setattr(self, name, dict(Counter(getattr(self, name)) + Counter(getattr(other, name))))
        for path, found in other.paths.items():
            if path in self.paths or len(self.paths) < PATHS:
                self.paths.setdefault(path, PathTally()).add(found)
            else:
                self.left_out += found.differing


class Parity:
    """All routes. `record`, `leave`, `fail` and `repeat` are called once for each question."""

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], RouteTally] = {}

    def __iter__(self) -> Iterator[RouteTally]:
        return iter(sorted(self.routes.values(), key=lambda route: (route.domain, route.route)))

    def record(self, domain: str, route: str, question: Question, outcome: Outcome) -> None:
        """Both sides answered and were compared."""
        found: dict[str, PathTally] = {}
        target = masked_target(question.target)
        for one in outcome.differences:
            example = Example(
                question.at, question.method, target, one.path, one.kind, one.control, one.candidate
            )
            tally = found.setdefault(generalised(one.path), PathTally(differing=1))
            tally.add(PathTally(kinds={one.kind: 1}, examples=[example]))
        self._route(domain, route).add(
            RouteTally(
                domain,
                route,
                asked=1,
                equal=int(outcome.equal),
                left_out=outcome.left_out,
                paths=found,
                rules=dict.fromkeys(outcome.rules, 1),
                notes=dict.fromkeys(outcome.notes, 1),
            )
        )

    def leave(self, domain: str, route: str) -> None:
        """The native side found nothing there, and the legacy side's answer is the visitor's."""
        self._route(domain, route).add(RouteTally(domain, route, asked=1, left=1))

    def fail(self, domain: str, route: str, reason: str) -> None:
        """One side did not answer."""
        self._route(domain, route).add(
            RouteTally(domain, route, asked=1, failed=1, notes={reason: 1})
        )

    def repeat(self, domain: str, route: str, outcome: Outcome) -> None:
        """The legacy side was asked twice."""
        paths = {generalised(one.path) for one in outcome.differences}
        self._route(domain, route).add(
            RouteTally(domain, route, repeated=1, noisy=dict.fromkeys(paths, 1))
        )

    def merge(self, other: "Parity") -> None:
        for (domain, route), tally in other.routes.items():
            self._route(domain, route).add(tally)

    @property
    def equal(self) -> bool:
        """Whether all that was asked could be compared, and nothing but noise differs."""
        return not any(route.differs or route.failed for route in self)

    def totals(self) -> Mapping[str, int]:
        names = ("asked", "equal", "left", "failed", "repeated")
        return {name: sum(getattr(route, name) for route in self) for name in names}

    def to_json(self) -> bytes:
        return msgspec.json.encode(list(self))

    @classmethod
    def from_json(cls, text: bytes | str) -> "Parity":
        """Raises `ValueError` for what `to_json` did not write."""
        try:
            routes = msgspec.json.decode(text, type=list[RouteTally])
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise ValueError(f"this is no saved parity: {error}") from None
        parity = cls()
        for route in routes:
            parity._route(route.domain, route.route).add(route)
        return parity

    def _route(self, domain: str, route: str) -> RouteTally:
        return self.routes.setdefault((domain, route), RouteTally(domain, route))
