"""The field Vary: what an answer depends on beside its URL."""

import re

_COMMA = re.compile(r"\s*,\s*")


def vary_on(field: str | None, *names: str) -> str:
    """The field with these names in it, as Django's `patch_vary_headers` writes it; `field` is
    what the answer has so far."""
    given = _COMMA.split(field) if field is not None else []
    known = {name.lower() for name in given}
    given += [name for name in names if name.lower() not in known]
    return "*" if "*" in given else ", ".join(given)
