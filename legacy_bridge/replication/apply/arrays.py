"""Rows of texts as parameters: one array for each column, written as the server reads arrays."""

from collections.abc import Iterable, Sequence

from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format

from legacy_bridge.replication.pgoutput.messages import UNCHANGED, Value

_TEXT_ARRAY = 1009


class TextArray(bytes):
    """`{"a",NULL}` in UTF-8."""

    __slots__ = ()


class _TextArrayDumper(Dumper):
    oid = _TEXT_ARRAY
    format = Format.TEXT

    def dump(self, obj: TextArray) -> bytes:
        return bytes(obj)


def register(context: AdaptContext) -> None:
    """So that a connection takes `TextArray` for a parameter."""
    context.adapters.register_dumper(TextArray, _TextArrayDumper)


def columns(rows: Iterable[Sequence[Value]]) -> list[TextArray]:
    """One array for each place of the rows, of which there is one at least."""
    return [_array(values) for values in zip(*rows, strict=True)]


def whole_columns(rows: Iterable[Sequence[Value]]) -> list[TextArray] | None:
    """The same; None where a value is UNCHANGED, so that it has no place in an array."""
    arrays: list[TextArray] = []
    for values in zip(*rows, strict=True):
        plain = _plain(values)
        if plain is None and UNCHANGED in values:
            return None
        arrays.append(plain or _array(values))
    return arrays


def _array(values: Sequence[Value]) -> TextArray:
    if (plain := _plain(values)) is not None:
        return plain
    return TextArray(b"{" + b",".join([_element(value) for value in values]) + b"}")


def _plain(values: Sequence[Value]) -> TextArray | None:
    """Where nothing is a NULL, or everything, and no character must be escaped, as in most
    columns: without a call for each value."""
    if values[0] is None and values.count(None) == len(values):
        return TextArray(b"{" + b",".join([b"NULL"] * len(values)) + b"}")
    try:
        joined = b'","'.join(values)  # type: ignore[arg-type]  # else it is a TypeError
    except TypeError:
        return None
    if b"\\" in joined or joined.count(b'"') != 2 * (len(values) - 1):
        return None
    return TextArray(b'{"' + joined + b'"}')


def _element(value: Value) -> bytes:
    if value is None:
        return b"NULL"
    if not isinstance(value, bytes):
        raise TypeError(f"{value!r} is no text")
    if b"\\" in value or b'"' in value:
        value = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + value + b'"'
