"""The SQL of a table of cache entries. All parts of one statement see the same moment."""

from datetime import datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Delete,
    Select,
    Text,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    select,
    table,
    true,
    update,
)
from sqlalchemy import DateTime as Moment
from sqlalchemy.dialects.postgresql import Insert, insert

NO_LIMIT: Final = 2**62

_KEY: Final = bindparam("key", type_=Text)
_VALUE: Final = bindparam("value", type_=Text)
_EXPIRES: Final[ColumnElement[datetime]] = bindparam("expires", type_=Moment(timezone=True))
_NOW: Final[ColumnElement[datetime]] = bindparam("now", type_=Moment(timezone=True))
_MOST: Final = bindparam("most", type_=BigInteger)
_PLACE: Final = bindparam("place", type_=BigInteger)


class Statements:
    """Their parameters: `key`, `value`, `expires`, `now`; `most` entries; `place` in the order."""

    def __init__(self, name: str) -> None:
        entries = self._entries = table(
            name,
            column("cache_key", Text),
            column("value", Text),
            column("expires", Moment(timezone=True)),
        )
        columns = entries.c
        of_key = columns.cache_key == _KEY
        is_over = columns.expires < _NOW
        self.get: Select[str, bool] = select(columns.value, is_over).where(of_key)
        self.set = self._written_if_room(replacing=true())
        self.add = self._written_if_room(replacing=is_over)
        self.replace = (
            update(entries)
            .where(of_key, columns.expires >= _NOW)
            .values(value=_VALUE, expires=_EXPIRES)
        )
        self.delete = delete(entries).where(of_key)
        self.delete_if_over = self.delete.where(is_over)
        self.delete_over = delete(entries).where(is_over)
        self.delete_all = delete(entries)
        self.delete_before: Delete = delete(entries).where(
            columns.cache_key
            < select(columns.cache_key)
            .order_by(columns.cache_key)
            .offset(_PLACE)
            .limit(1)
            .scalar_subquery()
        )

    def _written_if_room(self, replacing: ColumnElement[bool]) -> Select[int, bool, bool]:
        """One row: the entries that there were, whether those left room, whether it is written."""
        entries = select(func.count().label("entries")).select_from(self._entries).cte("counted")
        there_was_room = entries.c.entries <= _MOST
        write = self._upsert(select(_KEY, _VALUE, _EXPIRES).where(there_was_room), replacing)
        written = write.returning(literal(1).label("one")).cte("written")
        return select(
            entries.c.entries,
            there_was_room.label("there_was_room"),
            exists(select(written.c.one)).label("written"),
        )

    def _upsert(self, entry: Select[str, str, datetime], replacing: ColumnElement[bool]) -> Insert:
        columns = self._entries.c
        into = insert(self._entries).from_select(["cache_key", "value", "expires"], entry)
        return into.on_conflict_do_update(
            index_elements=[columns.cache_key],
            set_={"value": into.excluded.value, "expires": into.excluded.expires},
            where=replacing,
        )
