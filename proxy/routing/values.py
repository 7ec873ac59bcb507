"""Kinds of values in routing.yaml: how each is read, and what is said where it is wrong."""

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictFloat,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from proxy.routing import patterns, quantities
from proxy.routing.faults import Problem, shown

PROBLEMS = "problems"
"""Type of our own validation errors; their context carries the problems under the same name."""


def refuse(*problems: Problem) -> PydanticCustomError:
    text = "; ".join(problem.message for problem in problems).replace("{", "(").replace("}", ")")
    return PydanticCustomError(PROBLEMS, text, {PROBLEMS: problems})


def _reader(read: Callable[[object], float | str | Problem]) -> BeforeValidator:
    def validate(written: object) -> float | str:
        value = read(written)
        if isinstance(value, Problem):
            raise refuse(value)
        return value

    return BeforeValidator(validate)


def format_version(written: object) -> object:
    if type(written) is int and written == 1:
        return written
    if type(written) is int:
        raise refuse(Problem(f"version {written} is not supported", "write version: 1"))
    raise refuse(Problem(f"must be the number 1, not {shown(written)}", "write version: 1"))


def _given(written: object) -> object:
    """Refuse a key without value: read as None it would widen a rule or drop its pin."""
    if written is None:
        raise refuse(Problem("has no value", "write one"))
    return written


def _path(written: object) -> object:
    if isinstance(written, str) and (problems := patterns.problems(written)):
        raise refuse(*problems)
    return written


def _percent(written: object) -> object:
    number = isinstance(written, int | float) and not isinstance(written, bool)
    if number and not 0 <= written <= 100:  # type: ignore[operator]
        raise refuse(Problem(f"{shown(written)} is no percentage", "write a number from 0 to 100"))
    return written


def _whole(low: int, high: int) -> BeforeValidator:
    def read(written: object) -> int | Problem:
        if not isinstance(written, int) or isinstance(written, bool):
            message = f"must be a whole number, not {shown(written)}"
            return Problem(message, f"write one from {low} to {high}")
        if not low <= written <= high:
            return Problem(f"{written} is out of range", f"write {low} to {high}")
        return written

    return _reader(read)


def origin(written: object) -> str | Problem:
    """The URL of an upstream in its one form: small letters, no slash, no default port.

    A user name or password is refused without being repeated.
    """
    if not isinstance(written, str):
        return Problem(f"must be a text, not {shown(written)}", _ORIGIN_REMEDY)
    if "@" in written:
        return Problem("carries a user name or password", f"leave it out, {_ORIGIN_REMEDY}")
    if not written.startswith(("http://", "https://")):
        return Problem(f"{shown(written)} is no URL with http:// or https://", _ORIGIN_REMEDY)
    if not (match := re.fullmatch(ORIGIN, written)):
        message = f"{shown(written)} is more or less than scheme, host and port"
        return Problem(message, _ORIGIN_REMEDY)
    scheme, host, port = match.groups()
    if port and not 0 < int(port) <= _LAST_PORT:
        return Problem(f"{shown(written)} has no port from 1 to {_LAST_PORT}", _ORIGIN_REMEDY)
    if host.startswith("[") and not _is_ipv6(host[1:-1]):
        return Problem(f"{shown(written)} has no IPv6 address in its brackets", _ORIGIN_REMEDY)
    needed = port and int(port) != _DEFAULT_PORTS[scheme]
    return f"{scheme}://{host.lower()}:{int(port)}" if needed else f"{scheme}://{host.lower()}"


ORIGIN = (
    r"^(https?)://([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::([0-9]{1,5}))?/?$"
)
_ORIGIN_REMEDY = "write for example http://10.0.0.7:8001"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _without_gaps(written: object) -> object:
    """Items without value as empty texts, which their own check then names."""
    if isinstance(written, list):
        return ["" if item is None else item for item in written]
    return written


def _health_path(written: object) -> str | Problem:
    if isinstance(written, str) and re.fullmatch(HEALTH_PATH, written):
        return written
    message = f"{shown(written)} is no path in ASCII that begins with a slash"
    return Problem(message, "write for example /health/")


DOMAIN_NAME = r"^[a-z][a-z0-9_]*(?![\s\S])"
"""Of a domain that nobody has ported yet. A `$` would let a line end follow, in Python only."""
HEALTH_PATH = r'^/[!"$-~]*$'


def _distinct(methods: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({method for method in methods if methods.count(method) > 1})
    if twice:
        raise refuse(Problem(f"{', '.join(twice)} is named twice", "name each method once"))
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
Percent = Annotated[
    StrictFloat,
    BeforeValidator(_percent),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
Given = BeforeValidator(_given)
Samples = Annotated[
    int,
    _whole(0, 1_000_000),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 1_000_000}),
]
Count = Annotated[
    int, _whole(1, 1000), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1000})
]
HttpStatus = Annotated[
    int, _whole(200, 599), WithJsonSchema({"type": "integer", "minimum": 200, "maximum": 599})
]
HealthPath = Annotated[
    str, _reader(_health_path), WithJsonSchema({"type": "string", "pattern": HEALTH_PATH})
]
Origins = Annotated[
    tuple[
        Annotated[str, _reader(origin), WithJsonSchema({"type": "string", "pattern": ORIGIN})], ...
    ],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    BeforeValidator(_without_gaps),
]
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE"]
Methods = Annotated[
    tuple[Method, ...],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]
