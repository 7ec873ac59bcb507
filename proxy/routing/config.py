"""The model of routing.yaml (contract.md): what was written, checked value by value, frozen.

What needs more than one value (a canary without weight, two equally specific rules, names of
domains) is checked in `parse.py`, which reports it together with what is found here.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictInt,
    model_validator,
)

from proxy.ownership.phases import PLAIN, Ability, Hold, Phase, held, hold_of
from proxy.routing import quantities
from proxy.routing.document import Location
from proxy.routing.faults import Problem, shown
from proxy.routing.values import (
    HEALTH_PATH,
    Count,
    Duration,
    Given,
    HealthPath,
    HttpStatus,
    Methods,
    Origins,
    Pattern,
    Percent,
    Samples,
    Size,
    format_version,
    refuse,
)


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class _Placed(_Written):
    """Something of which there are many, so that a report must say which line it means."""

    _line: int = PrivateAttr(default=0)

    @property
    def line(self) -> int:
        """Where it begins in the file, from 1; 0 when it is from no file."""
        return self._line

    def at(self, line: int) -> Self:
        """The same, knowing its line."""
        placed = self.model_copy()
        placed._line = line
        return placed


class BreakerConfig(_Written):
    """When an upstream is left alone because requests to it fail."""

    failures: Count = Field(default=5, examples=[5])
    """After how many failures in a row: refused, reset or late. An answer is none, even a 500."""
    open: Duration = Field(default=1.0, examples=["1s"])
    """For how long; then one request tries it, and doubles this up to 30s if it fails too."""


class HealthConfig(_Written):
    """How each upstream is asked for its health, by every worker."""

    path: HealthPath = Field(examples=["/health/"])
    """What is asked for, with GET."""
    interval: Duration = Field(default=5.0, examples=["5s"])
    """How often."""
    timeout: Duration = Field(default=2.0, examples=["2s"])
    """How long the whole check may take."""
    failures: Count = Field(default=2, examples=[2])
    """After how many failed checks in a row an upstream gets no requests."""
    successes: Count = Field(default=1, examples=[1])
    """After how many good ones in a row it gets them again."""
    status: HttpStatus = Field(default=200, examples=[200])
    """The status of a good answer. Redirects are not followed."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: object) -> object:
        return {"path": written} if isinstance(written, str) else written


class GatesConfig(_Written):
    """What a domain has to show before the native side answers more of its visitors."""

    samples: Samples = Field(default=500, examples=[500])
    """How many answers of both sides have to be compared."""
    parity: Percent = Field(default=99.0, examples=[99])
    """Percent of them that are alike, at 95 % confidence."""
    lag: Duration = Field(default=5.0, examples=["5s"])
    """How far the native rows may be behind."""
    errors: Percent = Field(default=1.0, examples=[1])
    """By how many percent of answers the native side may fail more often than the legacy side."""
    latency: Duration = Field(default=0.1, examples=["100ms"])
    """By how much it may be slower: the 95th percentiles are compared."""
    window: Duration = Field(default=30.0, examples=["30s"])
    """How far back errors and latency are looked at."""

    @model_validator(mode="before")
    @classmethod
    def _off(cls, written: object) -> object:
        if written == "off":
            return OPEN
        if isinstance(written, str):
            problem = Problem(f"{shown(written)} is neither off nor a mapping", "write gates: off")
            raise refuse(problem)
        return written


OPEN: Mapping[str, float] = {
    "samples": 0,
    "parity": 0,
    "lag": quantities.LONGEST,
    "errors": 100,
    "latency": quantities.LONGEST,
}
"""What `gates: off` stands for: nothing is too bad."""


def _off_or_gates(schema: dict[str, Any]) -> None:
    """In the schema: the word, or the mapping."""
    schema["anyOf"] = [{"const": "off"}, {"$ref": schema.pop("$ref")}]


def _short_health(schema: dict[str, Any]) -> None:
    """In the schema: the path alone, or the mapping."""
    path = {"type": "string", "pattern": HEALTH_PATH}
    schema["anyOf"] = [path, {"$ref": schema.pop("$ref")}]


class LegacyConfig(_Written):
    """How the legacy site is asked. Durations are read as seconds, sizes as bytes."""

    urls: Annotated[Origins | None, Given] = Field(
        default=None, examples=[["http://10.0.0.7:8001", "http://10.0.0.8:8001"]]
    )
    """Where it answers, each server of it in its turn. Without this, STRANGLER_LEGACY_URL."""
    timeout: Duration = Field(default=30.0, examples=["30s"])
    """How long the legacy site may stay silent while it answers: 30s, 500ms, 2m or seconds."""
    connect_timeout: Duration = Field(default=5.0, examples=["5s"])
    """How long opening a connection to the legacy site may take."""
    retries: StrictInt = Field(default=1, ge=0, le=10, examples=[1])
    """How often a request that did not reach the legacy site is sent again."""
    retry_budget: Percent = Field(default=20.0, examples=[20])
    """How many requests may be sent again at all: percent of all requests, and ten a second."""
    max_body: Annotated[Size | None, Given] = Field(default=None, examples=["32MB"])
    """The largest request body that is forwarded: 32MB, 512KiB or bytes. No limit without it."""
    pool: StrictInt = Field(default=100, ge=1, le=10_000, examples=[100])
    """How many connections a worker keeps to one upstream at most."""
    waiting: StrictInt = Field(default=1000, ge=0, le=100_000, examples=[1000])
    """How many requests of a worker may wait for a connection; more are answered 503."""
    keepalive: Duration = Field(default=1.5, examples=["1.5s"])
    """How long an unused connection is kept; must be less than the legacy server keeps it."""
    breaker: BreakerConfig = Field(
        default=BreakerConfig(), examples=[{"failures": 5, "open": "1s"}]
    )
    """When an upstream is left alone because requests to it fail."""
    health: Annotated[HealthConfig | None, Given] = Field(
        default=None, examples=["/health/"], json_schema_extra=_short_health
    )
    """How each upstream is asked for its health: a path, or a mapping. Not at all without it."""


class RouteConfig(_Placed):
    """One rule: a path, or a path with its methods or a pin."""

    path: Pattern = Field(examples=["/downloads/**"])
    """`/about/` is that path exactly; `/downloads/**` is /downloads and all below it."""
    methods: Annotated[Methods | None, Given] = Field(
        default=None, examples=[["GET", "HEAD", "OPTIONS"]]
    )
    """The rule is for these methods only (GET does not include HEAD); without it, for all."""
    pin: Annotated[Literal["legacy"] | None, Given] = Field(default=None, examples=["legacy"])
    """legacy: these paths stay on the legacy side in every phase."""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: object) -> object:
        return {"path": written} if isinstance(written, str) else written


class DomainConfig(_Placed):
    """One ported domain: how far it has moved, and which requests are its."""

    phase: Phase = Field(examples=["legacy"])
    """The phase that is wanted."""
    weight: Annotated[Percent | None, Given] = Field(default=None, examples=[10])
    """Percent of visitors that the native side answers. Counts in phase canary, which needs it."""
    sample: Percent = Field(default=100.0, examples=[100])
    """Percent of requests that the native side is asked as well, in phases shadow and canary."""
    gates: Annotated[GatesConfig | None, Given] = Field(
        default=None, examples=[{"samples": 500}], json_schema_extra=_off_or_gates
    )
    """What the domain has to show, where it is not what `gates` above says: some, or off."""
    routes: tuple[RouteConfig, ...] = Field(default=(), examples=[["/downloads/**"]])
    """Its rules. What no rule of any domain takes goes to the legacy site."""
    _ability: Ability = PrivateAttr(default=PLAIN)

    @property
    def hold(self) -> Hold | None:
        """What keeps it from the phase that is wanted."""
        return hold_of(self.phase, self._ability)

    @property
    def held(self) -> Phase:
        """The phase that it has."""
        return held(self.phase, self._ability)

    def able(self, ability: Ability) -> Self:
        """The same, knowing what it can do."""
        placed = self.model_copy()
        placed._ability = ability
        return placed


class RoutingConfig(_Written):
    """Who answers what: the whole of routing.yaml."""

    version: Annotated[Literal[1], BeforeValidator(format_version)] = Field(examples=[1])
    """Version of this format."""
    legacy: LegacyConfig = Field(default=LegacyConfig(), examples=[{"timeout": "30s"}])
    """How the legacy site is asked."""
    gates: Annotated[GatesConfig, Given] = Field(
        default=GatesConfig(), examples=[{"samples": 500}], json_schema_extra=_off_or_gates
    )
    """What every domain has to show before it goes further. `off` lets each go at once."""
    domains: Mapping[str, DomainConfig] = Field(
        default_factory=dict[str, DomainConfig], examples=[{"downloads": {"phase": "legacy"}}]
    )
    """The ported domains, by name. Without one, everything goes to the legacy site."""

    def gates_of(self, domain: str) -> GatesConfig:
        """What a domain has to show: its own word on each point, else that for all."""
        own = self.domains[domain].gates
        if own is None:
            return self.gates
        said = {name: getattr(own, name) for name in own.model_fields_set}
        return self.gates.model_copy(update=said)


MODELS: Mapping[int, type[BaseModel]] = {
    0: RoutingConfig,  # ()
    1: LegacyConfig,  # ("legacy",)
    2: DomainConfig,  # ("domains", name)
    4: RouteConfig,  # ("domains", name, "routes", index)
}
"""The model that reads a mapping of the file, by how deep the mapping lies."""

PARTS: Mapping[Location, type[BaseModel]] = {
    ("legacy", "breaker"): BreakerConfig,
    ("legacy", "health"): HealthConfig,
    ("gates",): GatesConfig,
    ("domains", "*", "gates"): GatesConfig,
}
"""The mappings that lie as deep as others of another kind, so that `parse.py` finds the keys that
they do not have, or that have no value; every other fault of a value is its own type's. `*` stands
for any key."""
