"""One answer that is kept, and what it is found by."""

from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from math import inf
from typing import NamedTuple

_OVERHEAD = 1_000
"""Octets of an entry beside those of the answer, about."""
_HEADER_OVERHEAD = 150

Headers = tuple[tuple[bytes, bytes], ...]


class Key(NamedTuple):
    """HEAD is answered from what GET was. `query` as it came: in another order it is another."""

    scheme: str
    host: str
    path: str
    query: bytes


@dataclass(frozen=True)
class Kept:
    """A handler's answer, before anything of the visitor's is added. Gone once a row of `tables`
    changes, and at `until` by the cache's clock."""

    status: int
    headers: Headers
    body: bytes
    tables: frozenset[str]
    until: float = inf

    @cached_property
    def size(self) -> int:
        """Octets of memory, about."""
        fields = sum(len(name) + len(value) + _HEADER_OVERHEAD for name, value in self.headers)
        return _OVERHEAD + len(self.body) + fields

    @property
    def is_page(self) -> bool:
        """Something that is there, of which there are as many as there are rows for it."""
        return self.status == HTTPStatus.OK
