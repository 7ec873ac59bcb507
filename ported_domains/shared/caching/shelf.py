"""Kept answers up to a number of octets: what was asked for longest ago goes first."""

from collections import OrderedDict

from ported_domains.shared.caching.kept import Kept, Key

VARIANTS = 8
"""Answers kept for one path: those for further queries or hosts take the place of the oldest."""


class Shelf:
    """`octets` is how much it holds, `capacity` how much it may."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.octets = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._variants: dict[str, OrderedDict[Key, None]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            self._variants[key.path].move_to_end(key)
        return kept

    def put(self, key: Key, kept: Kept) -> list[tuple[Key, Kept]]:
        """What had to go for it."""
        self.remove(key)
        gone = []
        variants = self._variants.get(key.path)
        if variants and len(variants) >= VARIANTS:
            gone.append(self._remove(next(iter(variants))))
        while self._kept and self.octets + kept.size > self.capacity:
            gone.append(self._remove(next(iter(self._kept))))
        self._kept[key] = kept
        self._variants.setdefault(key.path, OrderedDict())[key] = None
        self.octets += kept.size
        return gone

    def remove(self, key: Key) -> Kept | None:
        """What was there."""
        return self._remove(key)[1] if key in self._kept else None

    def clear(self) -> None:
        self._kept.clear()
        self._variants.clear()
        self.octets = 0

    def _remove(self, key: Key) -> tuple[Key, Kept]:
        kept = self._kept.pop(key)
        variants = self._variants[key.path]
        del variants[key]
        if not variants:
            del self._variants[key.path]
        self.octets -= kept.size
        return key, kept
