"""A type of PostgreSQL, or of one of its extensions, that SQLAlchemy has no name for."""

from typing import Any

from sqlalchemy.types import UserDefinedType


class RawType(UserDefinedType[Any]):
    """Written as the database writes it, such as `geometry(Point,4326)`; values are the driver's.

    The bridge carries such rows like any others. Whoever reads or writes the values puts a type of
    SQLAlchemy's, of the extension's own package, or a `TypeDecorator` in its place.
    """

    cache_ok = True

    def __init__(self, written: str) -> None:
        self.written = written

    def get_col_spec(self, **_: object) -> str:
        return self.written
