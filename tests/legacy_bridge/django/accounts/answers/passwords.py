"""Passwords, at costs that the question names."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from typing import Any

import django
from django.contrib.auth import hashers

Costs = dict[str, dict[str, int]]


def make(password: str, algorithm: str, costs: Costs) -> str:
    with_costs(costs)
    return hashers.make_password(password, hasher=algorithm)


def verify(password: str, encoded: str, preferred: str, costs: Costs) -> tuple[bool, bool]:
    with_costs(costs)
    return hashers.verify_password(password, encoded, preferred=preferred)


def must_update(encoded: str, algorithm: str, costs: Costs) -> bool:
    with_costs(costs)
    return hashers.get_hasher(algorithm).must_update(encoded)


def with_costs(costs: Costs) -> None:
    """Django's own costs but for those named."""
    for hasher in hashers.get_hashers():
        vars(hasher).clear()
        vars(hasher).update(costs.get(hasher.algorithm, {}))


def version() -> str:
    return django.get_version().rpartition(".")[0]


def default_costs() -> Costs:
    """What this version of Django has."""
    found: Costs = {}
    for hasher in hashers.get_hashers():
        names = ("iterations", "rounds", "work_factor", "block_size", "parallelism")
        values: dict[str, Any] = {name: getattr(type(hasher), name, None) for name in names}
        values |= {name: getattr(type(hasher), name, None) for name in ("time_cost", "memory_cost")}
        found[hasher.algorithm] = {name: value for name, value in values.items() if value}
    return found
