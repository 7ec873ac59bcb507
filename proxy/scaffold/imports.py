"""What a generated file imports: collected while its code is written, then sorted as ruff does."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from proxy.scaffold.code import WIDTH, Name

FIRST_PARTY = ("legacy_bridge", "ported_domains", "proxy")
STANDARD = ("datetime", "decimal", "typing", "uuid")


class Imports:
    """Names imported by one file. `taken` are those that the file itself gives to something else,
    for which an imported one has to step aside."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = frozenset(taken)
        self._names: dict[Name, str] = {}

    def __call__(self, name: Name) -> str:
        """How the file calls it."""
        if name not in self._names:
            self._names[name] = self._free(name)
        return self._names[name]

    def _free(self, name: Name) -> str:
        return _aside(name) if name.name in self._taken else name.name

    def text(self) -> str:
        """The lines of imports, without a line break at the end."""
        sections: dict[int, list[str]] = defaultdict(list)
        modules: dict[str, list[Name]] = defaultdict(list)
        for name in self._names:
            modules[name.module].append(name)
        for module in sorted(modules):
            sections[_section(module)] += self._lines(module, modules[module])
        return "\n\n".join("\n".join(sections[number]) for number in sorted(sections))

    def _lines(self, module: str, names: Iterable[Name]) -> list[str]:
        plain = sorted((n.name for n in names if self._names[n] == n.name), key=_place)
        renamed = [n.name for n in names if self._names[n] != n.name]
        found = [
            (_place(each), f"from {module} import {each} as {self._names[Name(module, each)]}")
            for each in renamed
        ]
        if plain:
            found.append((_place(plain[0]), _from(module, plain)))
        return [line for _, line in sorted(found)]


def _aside(name: Name) -> str:
    """Another name for it, in the same kind of casing."""
    word = name.name
    if word.isupper():
        return f"SQL_{word}"
    if name.module in STANDARD:
        return f"{word}Type" if word[0].isupper() else f"{word}_type"
    return f"Sql{word}" if word[0].isupper() else f"sql_{word}"


def _section(module: str) -> int:
    root = module.split(".")[0]
    return 2 if root in FIRST_PARTY else 0 if root in STANDARD else 1


def _place(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
