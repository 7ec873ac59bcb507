"""PASSWORD_HASHERS as the native side can have them, with the costs of the project's classes.

Both sides must agree on the costs: a password that one side takes for outdated is made anew at the
login, and the other side would make it back.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from legacy_bridge.django.passwords.hasher import Hasher, Verifier
from legacy_bridge.django.passwords.setting import HasherSettingError, hashers_of
from legacy_bridge.manifest.model import Hasher as Written
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError

COSTS = {
    "iterations": "iterations",
    "rounds": "rounds",
    "work_factor": "work_factor",
    "block_size": "block_size",
    "parallelism": "parallelism",
    "time_cost": "time",
    "memory_cost": "memory",
}
"""Attributes of Django's classes, and what they are called on ours."""


def hashers(manifest: Manifest | None) -> tuple[Hasher, list[Verifier]]:
    """The preferred algorithm, and all of them; Django's defaults without a manifest.

    Raises `ManifestError` where a class of the project works in a way of its own.
    """
    if manifest is None:
        return hashers_of()
    faults = list(_faults(manifest.hashers))
    if faults:
        raise ManifestError("PASSWORD_HASHERS: " + "; ".join(faults))
    try:
        first, known = hashers_of([each.django or "" for each in manifest.hashers])
    except HasherSettingError as error:
        raise ManifestError(str(error)) from None
    preferred: Hasher = _with_costs(first, manifest.hashers[0])
    others = zip(known[1:], manifest.hashers[1:], strict=True)
    return preferred, [preferred, *(_with_costs(each, written) for each, written in others)]


def _faults(written: tuple[Written, ...]) -> Iterator[str]:
    for each in written:
        if each.django is None:
            yield (
                f"{each.algorithm} is hashed by a class of the project's own — native pages "
                "cannot check such passwords; leave logging in with the legacy site"
            )


def _with_costs(verifier: Any, written: Written) -> Any:
    """The same algorithm with the project's costs, and its name where a class has another."""
    own = {field.name for field in fields(verifier)}
    told = {COSTS[name]: cost for name, cost in written.costs.items() if name in COSTS}
    changes: dict[str, Any] = {name: cost for name, cost in told.items() if name in own}
    if "algorithm" in own:
        changes["algorithm"] = written.algorithm
    elif verifier.algorithm != written.algorithm:
        raise ManifestError(
            f"PASSWORD_HASHERS: {written.algorithm} is {verifier.algorithm} under another name, "
            "which native pages cannot check; leave logging in with the legacy site"
        )
    return replace(verifier, **changes)
