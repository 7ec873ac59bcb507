"""Two values side by side: which pieces of each the other one has not."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
LONGEST = 1000
"""Pieces that are held against each other; of longer values the rest counts as different."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    differs: bool


def apart(control: str, candidate: str) -> tuple[list[Piece], list[Piece]]:
    """The pieces of both, in their order; together they are the whole values."""
    left, right = _WORDS.findall(control), _WORDS.findall(candidate)
    matcher = SequenceMatcher(None, left[:LONGEST], right[:LONGEST], autojunk=False)
    ones: list[Piece] = []
    others: list[Piece] = []
    for tag, begin, end, other_begin, other_end in matcher.get_opcodes():
        _add(ones, left[begin:end], differs=tag != "equal")
        _add(others, right[other_begin:other_end], differs=tag != "equal")
    _add(ones, left[LONGEST:], differs=left[LONGEST:] != right[LONGEST:])
    _add(others, right[LONGEST:], differs=left[LONGEST:] != right[LONGEST:])
    return ones, others


def _add(pieces: list[Piece], words: list[str], *, differs: bool) -> None:
    if words:
        pieces.append(Piece("".join(words), differs))
