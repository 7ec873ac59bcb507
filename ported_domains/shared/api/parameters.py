"""Query parameters as Django's `request.GET` reads them."""

from collections.abc import Iterator
from typing import Self
from urllib.parse import parse_qsl, urlencode

MOST_PARAMETERS = 1000  # Django's DATA_UPLOAD_MAX_NUMBER_FIELDS


class TooManyParametersError(ValueError):
    """More than Django reads; it answers 400."""


class Parameters:
    """Values by name. Names keep the order in which they first came; the last value of a name
    counts where one is asked for."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values

    @classmethod
    def parse(cls, query: bytes) -> Self:
        """Of the raw query, without "?". What is not UTF-8 is read as Latin-1, as Django does."""
        try:
            text = query.decode()
        except UnicodeDecodeError:
            text = query.decode("latin-1")
        if text.count("&") >= MOST_PARAMETERS:
            raise TooManyParametersError
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        return cls(values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def get(self, name: str) -> str | None:
        values = self._values.get(name)
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def replaced(self, **values: object) -> str:
        """The query again, with these parameters in place of those given, at its end."""
        kept = {name: given for name, given in self._values.items() if name not in values}
        return urlencode(kept | {name: [str(value)] for name, value in values.items()}, doseq=True)
