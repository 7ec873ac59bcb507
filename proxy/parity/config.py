"""How strict a comparison is, and how much work it may be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from proxy.parity.paths import generalised


@dataclass(frozen=True, slots=True)
class Limits:
    """Larger bodies and pages are compared by hash, and the outcome says so.

    `body` in octets after decoding; `nodes` are elements and texts of a page, or values of a JSON
    document; `depth` is nesting; `steps` bounds the search for what belongs together in two lists;
    `differences` are those reported of one answer.
    """

    body: int = 1 << 20
    nodes: int = 20_000
    depth: int = 100
    steps: int = 600_000
    differences: int = 50


@dataclass(frozen=True, slots=True)
class ParityConfig:
    """`ignored` are field paths that may differ: exact or generalised, `*` for any text.
    `without` names rules (`rules.py`) that do not hold here. `skew` is how many seconds a "now" in
    an answer may be away from the time of the request."""

    ignored: tuple[str, ...] = ()
    without: frozenset[str] = field(default_factory=frozenset)
    skew: float = 5.0
    limits: Limits = field(default_factory=Limits)

    def ignores(self, path: str) -> bool:
        if not self.ignored:
            return False
        pattern = _pattern(self.ignored)
        return bool(pattern.fullmatch(path) or pattern.fullmatch(generalised(path)))


@lru_cache(maxsize=64)
def _pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """A path also covers what is below it. `[*]` is an index, as generalised paths write it."""
    return re.compile("|".join(f"(?:{_as_regex(glob)})(?:[/:].*)?" for glob in globs), re.DOTALL)


def _as_regex(glob: str) -> str:
    parts = (part.split("*") for part in glob.split("[*]"))
    return r"\[(?:\d+|\*)\]".join(".*".join(map(re.escape, part)) for part in parts)
