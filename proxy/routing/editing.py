"""One value of routing.yaml changed, and nothing else: comments, order and spaces stay. Pure."""

import re

from proxy.ownership.phases import Phase
from proxy.routing.document import Document, Place, read
from proxy.routing.faults import Fault, RoutingError

_SCALAR = re.compile(r"""'[^']*'|"[^"]*"|[^\s,#}\]]+""")


def with_phase(text: str, domain: str, phase: Phase, weight: float | None = None) -> str:
    """The text of the file with another phase, and a weight if one is given.

    Raises `RoutingError` where the file does not name the domain, or names it by an alias.
    """
    document = read(text)
    where = ("domains", domain, "phase")
    if where not in document.values:
        raise RoutingError(
            [
                Fault(
                    *document.place(("domains", domain)),
                    f"the domain {domain} has no phase here",
                    f"add under domains:  {domain}: {{phase: legacy, routes: [/{domain}/**]}}",
                )
            ],
            "routing.yaml",
        )
    edited = _replaced(text, document.values[where], str(phase))
    if weight is not None:
        edited = _weighted(edited, document, domain, f"{weight:g}")
    _require(edited, document, domain, phase, weight)
    return edited


def _weighted(text: str, document: Document, domain: str, weight: str) -> str:
    known = document.values.get(("domains", domain, "weight"))
    if known is not None:
        # Read anew: the phase before it may be longer or shorter than it was.
        return _replaced(text, read(text).values["domains", domain, "weight"], weight)
    _, column = read(text).keys["domains", domain, "phase"]
    start, end = _span(text, read(text).values["domains", domain, "phase"])
    begins = text.rfind("\n", 0, start) + 1
    if text[begins : begins + column - 1].strip():
        return f"{text[:end]}, weight: {weight}{text[end:]}"  # {phase: …} in one line
    after = text.find("\n", end)
    rest = "" if after < 0 else text[after:]
    return (
        f"{text[: after if after >= 0 else len(text)]}\n{' ' * (column - 1)}weight: {weight}{rest}"
    )


def _replaced(text: str, place: Place, value: str) -> str:
    start, end = _span(text, place)
    return text[:start] + value + text[end:]


def _span(text: str, place: Place) -> tuple[int, int]:
    line, column = place
    offset = 0
    for _ in range(line - 1):
        offset = text.index("\n", offset) + 1
    found = _SCALAR.match(text, offset + column - 1)
    if found is None:
        return offset + column - 1, offset + column - 1
    return found.span()


def _require(
    edited: str, before: Document, domain: str, phase: Phase, weight: float | None
) -> None:
    """That the edit did what it should, however the file is written."""
    wanted = {**before.data["domains"][domain], "phase": str(phase)}
    if weight is not None:
        wanted["weight"] = weight
    expected = {**before.data, "domains": {**before.data["domains"], domain: wanted}}
    try:
        same = read(edited).data == expected
    except RoutingError:
        same = False
    if not same:
        raise RoutingError(
            [
                Fault(
                    *before.place(("domains", domain, "phase")),
                    f"the phase of {domain} is written in a way that cannot be edited for you",
                    f"write phase: {phase} there yourself",
                )
            ],
            "routing.yaml",
        )
