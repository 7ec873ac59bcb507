"""How a faulty file is written down, and files around the part in question."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Faulty:
    """A file and its faults as (line, part of the message), in order.

    `schema_accepts`: the fault shows only to a reader of the text, or of two places at once.
    """

    text: str
    faults: list[tuple[int, str]]
    schema_accepts: bool = False


def domain(body: str) -> str:
    """A file whose domain downloads has this body; the body begins in line 4."""
    return "version: 1\ndomains:\n  downloads:\n" + "".join(
        f"    {line}\n" for line in body.splitlines()
    )


def legacy(body: str) -> str:
    """A file whose mapping legacy has this body; the body begins in line 3."""
    return "version: 1\nlegacy:\n" + "".join(f"  {line}\n" for line in body.splitlines())


def rule(written: str) -> str:
    """A file with one rule, in line 6."""
    return domain(f"phase: reads\nroutes:\n  - {written}")
