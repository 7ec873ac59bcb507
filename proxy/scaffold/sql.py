"""SQL as Django writes it, made fit for the native side and for SQLAlchemy."""

import re
from collections.abc import Mapping

from proxy.scaffold.code import Code, Name, call, literal
from proxy.scaffold.types import SA


def in_native(sql: str, natives: Mapping[str, str]) -> str:
    """SQL about the legacy columns as SQL about the native ones; Django quotes names always."""
    for legacy, native in natives.items():
        sql = sql.replace(f'"{legacy}"', f'"{native}"')
    return sql


def as_default(sql: str) -> str:
    """A default in the spelling of PostgreSQL, by which `alembic check` compares it."""
    plain = index_part(sql)
    return plain.lower() if re.fullmatch(r"\w+\(\)", plain) else plain


def index_part(sql: str) -> str:
    """An expression of an index in the spelling by which `alembic check` compares it: a call of a
    function stands in no brackets."""
    found = re.fullmatch(r"\((\w+(\(.*\)))\)(.*)", sql)
    return f"{found[1]}{found[3]}" if found and _encloses(found[2]) else sql


def _encloses(sql: str) -> bool:
    """Whether it is in brackets, the first of which closes at the end only."""
    depth = 0
    for place, character in enumerate(sql):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return place == len(sql) - 1 > 0
    return False


def sql_text(sql: str) -> Code:
    """SQL as an expression of SQLAlchemy."""
    return call(Name(SA, "text"), literal(escaped(sql)))


def escaped(sql: str) -> str:
    """Where a colon would begin the name of a parameter."""
    return sql.replace(":", "\\:")
