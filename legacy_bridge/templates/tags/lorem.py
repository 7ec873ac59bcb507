"""`lorem`: Latin for drafts."""

import random as dice
from typing import Any

from legacy_bridge.templates.safe import SafeString
from legacy_bridge.templates.tags.library import builtins

# The filler that printers have set since the sixteenth century, after Cicero.
_PARAGRAPH = (
    "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut "
    "labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco "
    "laboris nisi ut aliquip ex ea commodo consequat. Duis aute irure dolor in reprehenderit in "
    "voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur sint occaecat "
    "cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum."
)
_WORDS = _PARAGRAPH.lower().replace(",", "").replace(".", "").split()
_FIRST = _WORDS[:19]
_POOL = [
    "ad",
    "adipisci",
    "amet",
    "animi",
    "at",
    "aut",
    "autem",
    "culpa",
    "dolor",
    "dolore",
    "dolores",
    "ea",
    "enim",
    "eos",
    "esse",
    "est",
    "et",
    "ex",
    "fuga",
    "fugiat",
    "id",
    "illo",
    "in",
    "ipsum",
    "labore",
    "libero",
    "magni",
    "minima",
    "modi",
    "nam",
    "natus",
    "nihil",
    "nisi",
    "nobis",
    "non",
    "nostrum",
    "nulla",
    "odio",
    "optio",
    "pariatur",
    "quae",
    "quam",
    "quasi",
    "qui",
    "quis",
    "quo",
    "rem",
    "rerum",
    "sed",
    "sint",
    "sit",
    "sunt",
    "tempora",
    "totam",
    "ullam",
    "ut",
    "vel",
    "velit",
    "veniam",
    "vero",
    "vitae",
    "voluptas",
    "voluptate",
]


@builtins.function("lorem", is_final=True)
def lorem(count: Any, method: str, random: bool = False) -> str:
    """`count` words (`w`), paragraphs (`b`) or paragraphs in `p` tags, by chance if `random`."""
    try:
        wanted = int(count)
    except (ValueError, TypeError):
        wanted = 1
    if method == "w":
        return " ".join(_words(wanted, random))
    paragraphs = [_PARAGRAPH if at == 0 and not random else _paragraph() for at in range(wanted)]
    if method == "p":
        paragraphs = [f"<p>{one}</p>" for one in paragraphs]
    return SafeString("\n\n".join(paragraphs))


def _words(count: int, random: bool) -> list[str]:
    words = [] if random else _FIRST[: max(count, 0)]
    while len(words) < count:
        words += dice.sample(_POOL, min(count - len(words), len(_POOL)))
    return words


def _paragraph() -> str:
    return " ".join(_sentence() for _ in range(dice.randint(1, 4)))  # noqa: S311


def _sentence() -> str:
    parts = [
        " ".join(dice.sample(_POOL, dice.randint(3, 12)))  # noqa: S311
        for _ in range(dice.randint(1, 5))  # noqa: S311
    ]
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}{dice.choice('?.')}"  # noqa: S311
