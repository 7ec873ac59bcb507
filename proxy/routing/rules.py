"""The rules of all domains: which is more specific, and which two cannot stand together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from proxy.routing.config import RouteConfig, RoutingConfig
from proxy.routing.patterns import PREFIX_MARK


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of routing.yaml in force. `methods` None means every method; `line` 0 is unknown.
    `name` is how figures call it: `GET,HEAD /x/**`, or `/x/**` for every method."""

    domain: str
    path: str
    methods: tuple[str, ...] | None = None
    pinned: bool = False
    line: int = 0
    name: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        methods = f"{','.join(self.methods)} " if self.methods else ""
        object.__setattr__(self, "name", f"{methods}{self.path}")

    @classmethod
    def of(cls, domain: str, route: RouteConfig) -> "Rule":
        return cls(domain, route.path, route.methods, route.pin is not None, route.line)

    @property
    def exact(self) -> bool:
        """Whether the rule takes one path only, not all that lies below it."""
        return not self.path.endswith(PREFIX_MARK)

    @property
    def literal(self) -> bytes:
        """The path without `/**`, as it comes over the wire."""
        return self.path.removesuffix(PREFIX_MARK).encode("ascii")

    @property
    def takes_all_paths(self) -> bool:
        """Whether it is `/**`, which names no path of its own."""
        return self.path == PREFIX_MARK

    def takes(self, method: str) -> bool:
        """Whether the rule is for this method."""
        return self.methods is None or method in self.methods

    def covers(self, raw_path: bytes) -> bool:
        """Whether the path, as it came over the wire and without query, is the rule's."""
        if self.exact:
            return raw_path == self.literal
        return (raw_path + b"/").startswith(self.literal + b"/") and raw_path.startswith(b"/")


def in_order(config: RoutingConfig) -> tuple[Rule, ...]:
    """All rules, those that win first: exact, longer literal prefix, with methods."""
    return tuple(
        sorted(
            (
                Rule.of(name, route)
                for name, domain in config.domains.items()
                for route in domain.routes
            ),
            key=_rank,
        )
    )


def _rank(rule: Rule) -> tuple[bool, int, bool, str]:
    return not rule.exact, -len(rule.literal), rule.methods is None, rule.path


def collisions(rules: Sequence[Rule]) -> Iterator[tuple[int, int]]:
    """Index pairs (earlier, later) of equally specific rules that some request would both match."""
    by_path: dict[str, list[int]] = {}
    for later, rule in enumerate(rules):
        same_path = by_path.setdefault(rule.path, [])
        yield from ((earlier, later) for earlier in same_path if _collide(rules[earlier], rule))
        same_path.append(later)


def _collide(one: Rule, other: Rule) -> bool:
    if one.methods is None or other.methods is None:
        return one.methods is other.methods
    return not set(one.methods).isdisjoint(other.methods)
