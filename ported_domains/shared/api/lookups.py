"""Conditions that both APIs state in Django's way, where SQLAlchemy's own way differs."""

from sqlalchemy import ColumnElement, SQLColumnExpression, func

_ESCAPE = "\\"


def contains_any_case(column: SQLColumnExpression[str], text: str) -> ColumnElement[bool]:
    """`icontains`. Both are compared in capitals: some small letters share one."""
    literal = "".join(f"{_ESCAPE}{sign}" if sign in r"\%_" else sign for sign in text)
    return func.upper(column).like(func.upper(f"%{literal}%"), escape=_ESCAPE)
