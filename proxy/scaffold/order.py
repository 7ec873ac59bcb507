"""Which table comes after which."""

from collections.abc import Iterable, Mapping, Sequence


def parents_first(
    names: Sequence[str], refers_to: Mapping[str, Iterable[str]], inherits: Mapping[str, str]
) -> list[str]:
    """The names so that each comes after what it refers to, as far as that can be, and always
    after what it inherits from; otherwise as they were. A name may refer to itself."""
    needs = {name: set(refers_to[name]) & set(names) - {name} for name in names}
    waiting = list(names)
    placed: list[str] = []
    while waiting:
        able = [name for name in waiting if inherits.get(name) not in waiting]
        chosen = min(able, key=lambda name: len(needs[name] - set(placed)))
        waiting.remove(chosen)
        placed.append(chosen)
    return placed
