"""The model of routing.yaml (contract.md): what was written, checked value by value, frozen.

What needs more than one value (a canary without weight, two equally specific rules, names of
domains) is checked in `parse.py`, which reports it together with what is found here.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictFloat,
    StrictInt,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from proxy.ownership.phases import Phase
from proxy.routing import patterns, quantities
from proxy.routing.faults import Problem, shown

PROBLEMS = "problems"
"""Type of our own validation errors; their context carries the problems under the same name."""


def _refuse(*problems: Problem) -> PydanticCustomError:
    text = "; ".join(problem.message for problem in problems).replace("{", "(").replace("}", ")")
    return PydanticCustomError(PROBLEMS, text, {PROBLEMS: problems})


def _reader(read: Callable[[object], float | Problem]) -> BeforeValidator:
    def validate(written: object) -> float:
        value = read(written)
        if isinstance(value, Problem):
            raise _refuse(value)
        return value

    return BeforeValidator(validate)


def _version(written: object) -> object:
    if type(written) is int and written == 1:
        return written
    if type(written) is int:
        raise _refuse(Problem(f"version {written} is not supported", "write version: 1"))
    raise _refuse(Problem(f"must be the number 1, not {shown(written)}", "write version: 1"))


def _given(written: object) -> object:
    """Refuse a key without value: read as None it would widen a rule or drop its pin."""
    if written is None:
        raise _refuse(Problem("has no value", "write one"))
    return written


def _path(written: object) -> object:
    if isinstance(written, str) and (problems := patterns.problems(written)):
        raise _refuse(*problems)
    return written


def _weight(written: object) -> object:
    number = isinstance(written, int | float) and not isinstance(written, bool)
    if number and not 0 <= written <= 100:  # type: ignore[operator]
        raise _refuse(Problem(f"{shown(written)} is no percentage", "write a number from 0 to 100"))
    return written


def _distinct(methods: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({method for method in methods if methods.count(method) > 1})
    if twice:
        raise _refuse(Problem(f"{', '.join(twice)} is named twice", "name each method once"))
    return methods


Duration = Annotated[
    float,
    _reader(quantities.seconds),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": quantities.LONGEST},
                {"type": "string", "pattern": quantities.DURATION},
            ]
        }
    ),
]
Size = Annotated[
    int,
    _reader(quantities.size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0},
                {"type": "string", "pattern": quantities.SIZE},
            ]
        }
    ),
]
Pattern = Annotated[
    str, BeforeValidator(_path), WithJsonSchema({"type": "string", "pattern": patterns.GRAMMAR})
]
Weight = Annotated[
    StrictFloat,
    BeforeValidator(_weight),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
Given = BeforeValidator(_given)
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"]
Methods = Annotated[
    tuple[Method, ...],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]


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


class LegacyConfig(_Written):
    """How the legacy site is asked. Durations are read as seconds, sizes as bytes."""

    timeout: Duration = Field(default=30.0, examples=["30s"])
    """How long the legacy site may stay silent while it answers: 30s, 500ms, 2m or seconds."""
    connect_timeout: Duration = Field(default=5.0, examples=["5s"])
    """How long opening a connection to the legacy site may take."""
    retries: StrictInt = Field(default=1, ge=0, le=10, examples=[1])
    """How often a request that did not reach the legacy site is sent again."""
    max_body: Annotated[Size | None, Given] = Field(default=None, examples=["32MB"])
    """The largest request body that is forwarded: 32MB, 512KiB or bytes. No limit without it."""


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
    weight: Annotated[Weight | None, Given] = Field(default=None, examples=[10])
    """Percent of visitors that the native side answers. Counts in phase canary, which needs it."""
    routes: tuple[RouteConfig, ...] = Field(default=(), examples=[["/downloads/**"]])
    """Its rules. What no rule of any domain takes goes to the legacy site."""


class RoutingConfig(_Written):
    """Who answers what: the whole of routing.yaml."""

    version: Annotated[Literal[1], BeforeValidator(_version)] = Field(examples=[1])
    """Version of this format."""
    legacy: LegacyConfig = Field(default=LegacyConfig(), examples=[{"timeout": "30s"}])
    """How the legacy site is asked."""
    domains: Mapping[str, DomainConfig] = Field(
        default_factory=dict[str, DomainConfig], examples=[{"downloads": {"phase": "legacy"}}]
    )
    """The ported domains, by name. Without one, everything goes to the legacy site."""


MODELS: Mapping[int, type[BaseModel]] = {
    0: RoutingConfig,  # ()
    1: LegacyConfig,  # ("legacy",)
    2: DomainConfig,  # ("domains", name)
    4: RouteConfig,  # ("domains", name, "routes", index)
}
"""The model that reads a mapping of the file, by how deep the mapping lies."""
