"""What of a model only SQL says exactly: checks, conditions, expressions, defaults of the database.

Django writes it as for a migration, without asking the database; what it cannot write so, because
the backend has to know the server's version first, or because a setting that is kept back stands in
it, is None here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Index

from legacy_bridge.exporter.withholding import Withheld

_NAME = "strangler"
"""Of indexes that are made only to be written down."""


class _Asked(Exception):  # noqa: N818  # read as a sentence: the database was asked
    """The backend wanted to connect."""


class ModelSql:
    """SQL about one model, in the dialect of `connection`; None of it where that is no PostgreSQL,
    as it is read for tables in PostgreSQL."""

    def __init__(self, model: Any, connection: Any, withheld: Withheld) -> None:
        self._model = model
        self._connection = connection
        self._withheld = withheld

    def default(self, field: Any) -> str | None:
        """Of a field with `db_default`."""

        def written() -> str:
            editor = self._editor()
            sql, parameters = editor.db_default_sql(field)
            return str(sql % tuple(editor.quote_value(each) for each in parameters))

        return self._text(written)

    def generated(self, field: Any) -> str | None:
        """What a column that the database computes is computed of."""

        def written() -> str:
            editor = self._editor()
            sql, parameters = field.generated_sql(self._connection)
            return str(sql % tuple(editor.quote_value(each) for each in parameters))

        return self._text(written)

    def check(self, field: Any) -> str | None:
        """What the column asks for by its type, such as `"age" >= 0`."""
        return self._text(lambda: field.db_check(self._connection))

    def expressions(self, rule: Any) -> list[str] | None:
        """Those of an index or a unique constraint, with order, collation and operator class."""
        given = getattr(rule, "expressions", ())
        if not all(hasattr(each, "resolve_expression") for each in given):
            return None  # those of an exclusion constraint are pairs
        found = [self._text(lambda each=each: self._part("columns", each)) for each in given]  # type: ignore[misc]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None

    def condition(self, rule: Any) -> str | None:
        """For which rows an index or a unique constraint is; what a check asks for."""
        if getattr(rule, "condition", None) is not None and hasattr(rule, "fields"):
            field = next(each for each in self._model._meta.local_fields if each.column)
            names, condition = [field.name], rule.condition
            text = self._text(lambda: self._part("condition", fields=names, condition=condition))
            return None if text is None else text.replace("WHERE ", "", 1)
        if rule.__class__.__name__ == "CheckConstraint":
            return self._text(lambda: rule.create_sql(self._model, self._editor()).parts["check"])
        return None

    def using(self, index: Any) -> str:
        """The access method where it is named, such as gin."""
        statement = self._text(
            lambda: index.create_sql(self._model, self._editor()).parts.get("using", "")
        )
        return (statement or "").replace("USING ", "", 1).strip()

    def whole(self, rule: Any) -> str | None:
        """The statement that makes the index or the constraint."""
        return self._text(lambda: rule.create_sql(self._model, self._editor()))

    def _part(self, part: str, *expressions: Any, **options: Any) -> Any:
        index = Index(*expressions, name=_NAME, **options)
        return index.create_sql(self._model, self._editor()).parts[part]

    def _editor(self) -> Any:
        return self._connection.schema_editor(collect_sql=True, atomic=False)

    def _text(self, written: Callable[[], Any]) -> str | None:
        if getattr(self._connection, "vendor", None) != "postgresql":
            return None
        try:
            with _unasked(self._connection):
                sql = written()
                text = None if sql is None else str(sql).strip().replace("%%", "%")
        except Exception:  # of the project's own expressions, of any kind
            return None
        return None if text is None or self._withheld.holds(text) else text


@contextmanager
def _unasked(connection: Any) -> Iterator[None]:
    """Whoever wants to connect to the database in this block fails at once."""

    def refuse() -> None:
        raise _Asked

    connection.ensure_connection = refuse
    try:
        yield
    finally:
        del connection.ensure_connection
