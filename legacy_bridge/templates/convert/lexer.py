"""Cuts Django template source into text, variables, tags and comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

# A tag never goes over the end of a line: what looks like one that does is text.
_MARKS = re.compile(r"(\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\})")
# Quoted parts may have spaces in them and stand anywhere in a word: a|join:", " is one.
_WORDS = re.compile(
    r"""(?:[^\s'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s'"]*)+)|\S+""", re.DOTALL
)
_TRANSLATED = ('_("', "_('")


class Kind(Enum):
    TEXT = "text"
    VARIABLE = "variable"
    TAG = "tag"
    COMMENT = "comment"


_KINDS = {"{{": Kind.VARIABLE, "{%": Kind.TAG, "{#": Kind.COMMENT}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the source. `content` is without the marks, `raw` with them."""

    kind: Kind
    content: str
    line: int
    raw: str = ""

    @property
    def name(self) -> str:
        """The tag's name, or `""`."""
        return self.content.split(maxsplit=1)[0] if self.content else ""


def tokens(source: str) -> Iterator[Token]:
    """Every piece in order. Between `verbatim` and its end all is text."""
    line = 1
    verbatim = ""
    for index, piece in enumerate(_MARKS.split(source)):
        if not piece:
            continue
        content = piece[2:-2].strip()
        if index % 2 == 0 or (verbatim and content != verbatim):
            yield Token(Kind.TEXT, piece, line, piece)
        else:
            kind = _KINDS[piece[:2]]
            if kind is Kind.TAG:
                verbatim = _verbatim_end(content) if not verbatim else ""
            elif verbatim:
                kind = Kind.TEXT
            yield Token(kind, piece if kind is Kind.TEXT else content, line, piece)
        line += piece.count("\n")


def _verbatim_end(content: str) -> str:
    return f"end{content}" if content[:9] in ("verbatim", "verbatim ") else ""


def words(content: str) -> list[str]:
    """The words of a tag; quoted text and `_("…")` with spaces in them are one word."""
    found: list[str] = []
    pieces = iter(_WORDS.findall(content))
    for piece in pieces:
        word = piece
        if piece.startswith(_TRANSLATED):
            end = piece[2] + ")"
            while not word.endswith(end):
                following = next(pieces, None)
                if following is None:
                    break
                word = f"{word} {following}"
        found.append(word)
    return found
