"""PostgreSQL's types as Django writes them: the type of SQLAlchemy, and the Python value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxy.scaffold.code import Call, Code, Name, call, joined, literal

SA = "sqlalchemy"
POSTGRESQL = "sqlalchemy.dialects.postgresql"
RAW = Name("ported_domains.shared.raw_type", "RawType")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """`sql` is the type as SQLAlchemy writes it, `python` that of its values.

    `implied`: the annotation alone says it all, so that a model need not name it. `raw` is the
    PostgreSQL type of which nothing else is known; `extension` has to be there for it.
    """

    sql: Code
    python: Code
    implied: bool = False
    raw: str | None = None
    extension: str | None = None


def _sa(name: str) -> Name:
    return Name(SA, name)


def _pg(name: str) -> Name:
    return Name(POSTGRESQL, name)


_DECIMAL = Name("decimal", "Decimal")
_DATE = Name("datetime", "date")
_DATETIME = Name("datetime", "datetime")
_TIME = Name("datetime", "time")
_ANY = Name("typing", "Any")
_ZONED = call(_sa("DateTime"), timezone="True")


def _range(python: Code) -> Code:
    return joined(_pg("Range"), "[", python, "]")


def _multirange(python: Code) -> Code:
    return joined("list[", _range(python), "]")


_SPANS: Mapping[str, Code] = {
    "int4": "int",
    "int8": "int",
    "num": _DECIMAL,
    "date": _DATE,
    "ts": _DATETIME,
    "tstz": _DATETIME,
}

_PLAIN: Mapping[str, ColumnType] = MappingProxyType(
    {
        "smallint": ColumnType(_sa("SmallInteger"), "int"),
        "integer": ColumnType(_sa("Integer"), "int", implied=True),
        "bigint": ColumnType(_sa("BigInteger"), "int"),
        "real": ColumnType(_sa("REAL"), "float"),
        "double precision": ColumnType(_sa("Double"), "float"),
        "numeric": ColumnType(_sa("Numeric"), _DECIMAL, implied=True),
        "boolean": ColumnType(_sa("Boolean"), "bool", implied=True),
        "text": ColumnType(_sa("Text"), "str", implied=True),
        "character varying": ColumnType(_sa("String"), "str"),
        "date": ColumnType(_sa("Date"), _DATE, implied=True),
        "timestamp with time zone": ColumnType(_ZONED, _DATETIME, implied=True),
        "timestamp without time zone": ColumnType(_sa("DateTime"), _DATETIME),
        "time without time zone": ColumnType(_sa("Time"), _TIME, implied=True),
        "time with time zone": ColumnType(call(_sa("Time"), timezone="True"), _TIME),
        "interval": ColumnType(_sa("Interval"), Name("datetime", "timedelta"), implied=True),
        "uuid": ColumnType(_sa("Uuid"), Name("uuid", "UUID"), implied=True),
        "bytea": ColumnType(_sa("LargeBinary"), "bytes", implied=True),
        "jsonb": ColumnType(_pg("JSONB"), _ANY),
        "json": ColumnType(_pg("JSON"), _ANY),
        "inet": ColumnType(_pg("INET"), _ANY),
        "cidr": ColumnType(_pg("CIDR"), _ANY),
        "macaddr": ColumnType(_pg("MACADDR"), "str"),
        "macaddr8": ColumnType(_pg("MACADDR8"), "str"),
        "tsvector": ColumnType(_pg("TSVECTOR"), "str"),
        "tsquery": ColumnType(_pg("TSQUERY"), "str"),
        "oid": ColumnType(_pg("OID"), "int"),
        "citext": ColumnType(_pg("CITEXT"), "str", extension="citext"),
        "hstore": ColumnType(_pg("HSTORE"), "dict[str, str | None]", extension="hstore"),
        **{
            f"{span}range": ColumnType(_pg(f"{span}range".upper()), _range(python))
            for span, python in _SPANS.items()
        },
        **{
            f"{span}multirange": ColumnType(_pg(f"{span}multirange".upper()), _multirange(python))
            for span, python in _SPANS.items()
        },
    }
)

_OTHER_NAMES = MappingProxyType(
    {
        "int": "integer", "int4": "integer", "serial": "integer",
        "int8": "bigint", "bigserial": "bigint",
        "int2": "smallint", "smallserial": "smallint",
        "float4": "real", "float8": "double precision", "float": "double precision",
        "decimal": "numeric", "bool": "boolean", "varchar": "character varying",
        "char": "character", "bpchar": "character", "varbit": "bit varying",
        "timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone",
        "timetz": "time with time zone", "time": "time without time zone",
    }
)  # fmt: skip

_EXTENSIONS = MappingProxyType(
    {
        "ltree": "ltree", "lquery": "ltree", "cube": "cube", "isbn": "isn",
        "geometry": "postgis", "geography": "postgis", "raster": "postgis_raster",
        "vector": "vector", "halfvec": "vector", "sparsevec": "vector",
    }
)  # fmt: skip

_DECLARED = re.compile(
    r"\s*([a-z][a-z0-9_ ]*?)\s*(?:\(([^()]*)\)\s*([a-z ]*?))?\s*((?:\[\d*\])*)\s*"
)


def column_type(db_type: str, collation: str | None = None) -> ColumnType:
    """From a declared type, such as `varchar(200)` or `numeric(7, 2)[]`. Never wrong: what is not
    known becomes the type as it is declared, with values of any kind."""
    found = _DECLARED.fullmatch(db_type.lower())
    if found is None:
        return _unknown(db_type)
    base, limits, rest, brackets = found.groups()
    name = " ".join(part for part in (base, rest) if part)
    name = _OTHER_NAMES.get(name, name)
    item = _plain(name, limits, collation)
    if item is None or (brackets and item.raw):
        return _unknown(db_type)
    return _array(item, brackets.count("[")) if brackets else item


def _plain(name: str, limits: str | None, collation: str | None) -> ColumnType | None:
    plain = _PLAIN.get(name)
    if limits is None and collation is None:
        return _character(None, None) if name == "character" else plain
    numbers = [part.strip() for part in limits.split(",")] if limits else []
    if not all(re.fullmatch(r"-?\d+", number) for number in numbers):
        return None
    made = _limited(name, numbers, collation)
    if made is not None:
        return made
    return plain if not numbers else None


def _limited(name: str, numbers: list[str], collation: str | None) -> ColumnType | None:
    of = {} if collation is None else {"collation": literal(collation)}
    match name, numbers:
        case "character varying", [_] | []:
            return ColumnType(call(_sa("String"), *numbers, **of), "str")
        case "text", []:
            return ColumnType(call(_sa("Text"), **of), "str")
        case "character", [_] | []:
            return _character(next(iter(numbers), None), collation)
        case "numeric", [_, _] | [_]:
            return ColumnType(call(_sa("Numeric"), *numbers), _DECIMAL)
        case "timestamp with time zone", [precision]:
            kind = call(_pg("TIMESTAMP"), timezone="True", precision=precision)
            return ColumnType(kind, _DATETIME)
        case "timestamp without time zone", [precision]:
            return ColumnType(call(_pg("TIMESTAMP"), precision=precision), _DATETIME)
        case "time without time zone", [precision]:
            return ColumnType(call(_pg("TIME"), precision=precision), _TIME)
        case "bit", [length]:
            return ColumnType(call(_pg("BIT"), length), _ANY)
        case _:
            return None


def _character(length: str | None, collation: str | None) -> ColumnType:
    of = {} if collation is None else {"collation": literal(collation)}
    return ColumnType(call(_sa("CHAR"), length or "1", **of), "str")


def _array(item: ColumnType, dimensions: int) -> ColumnType:
    """PostgreSQL keeps no lengths of arrays, and Django's have no empty places."""
    more = {"dimensions": str(dimensions)} if dimensions > 1 else {}
    python = item.python
    for _ in range(dimensions):
        python = joined("list[", python, "]")
    sql: Call = call(_pg("ARRAY"), item.sql, **more)
    return ColumnType(sql, python, extension=item.extension)


def _unknown(db_type: str) -> ColumnType:
    base = re.match(r"\w+", db_type.lower())
    extension = _EXTENSIONS.get(base[0]) if base else None
    return ColumnType(call(RAW, literal(db_type)), _ANY, raw=db_type, extension=extension)
