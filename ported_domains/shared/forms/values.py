"""What a visitor submitted: names with one or more values, as Django's QueryDict reads them."""

from collections.abc import Iterable, Iterator
from typing import Self, TypeVar, overload

from ported_domains.shared.forms.bodies import Pair, body_pairs, multipart_pairs, query_pairs

Default = TypeVar("Default")


class Values:
    """Read only. Iteration and `len` are over names, in the order of their first appearance."""

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def parse_query(cls, raw: bytes) -> Self:
        """Of a query string. Raises TooManyFieldsError."""
        return cls(query_pairs(raw))

    @classmethod
    def parse_multipart(cls, body: bytes, content_type: str) -> Self:
        """The fields of a form with `enctype="multipart/form-data"`. Raises FormError."""
        return cls(multipart_pairs(body, content_type))

    @classmethod
    def parse_body(cls, body: bytes, content_type: str) -> Self:
        """Of a request's body by its content type; empty if it is no form. Raises FormError."""
        return cls(body_pairs(body, content_type))

    def __getitem__(self, name: str) -> str:
        """The last value. Raises KeyError."""
        return self._values[name][-1]

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: Default) -> str | Default: ...
    def get(self, name: str, default: object = None) -> object:
        values = self._values.get(name)
        return values[-1] if values else default

    def get_all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def pairs(self) -> Iterator[Pair]:
        """Every value with its name."""
        return ((name, value) for name, values in self._values.items() for value in values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        """Names only: values are passwords too."""
        return f"<Values of {', '.join(self._values)}>"
