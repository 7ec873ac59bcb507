"""Pitfall 38: of every type, that one changed cell is found and named, and equal ones are equal."""

from typing import LiteralString

import psycopg
from psycopg import sql

from legacy_bridge.replication.mapping import Column, Kind, TableMapping, Transform, same
from proxy.embedded.stack import EmbeddedStack
from tests.legacy_bridge.replication.sides import Sides, run
from tests.legacy_bridge.replication.verify.pairs import differences, verify

CELLS: tuple[tuple[str, str | None, str | None], ...] = (
    ("smallint", "1", "-1"),
    ("integer", "1", "0"),
    ("integer", "0", None),
    ("bigint", "1", "4294967296"),  # alike to a hash that folds
    ("bigint", "-1", "-4294967297"),
    ("boolean", "true", "false"),
    ("boolean", "false", None),
    ("text", "", None),
    ("text", "a", "a "),
    ("text", "a", "A"),
    ("text", "é", "e\u0301"),
    ("text", "line\n", "line\r\n"),
    ("character varying(20)", "x", "x "),
    ("character varying(20)", "", None),
    ("character(5)", "ab", "abc"),
    ("character(5)", "", None),
    ('"char"', "a", "b"),
    ("uuid", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"),
    ("date", "2020-01-01", "infinity"),
    ("date", "0044-03-15 BC", "0044-03-15"),
    ("timestamp with time zone", "2020-01-01 00:00:00.000001+00", "2020-01-01 00:00:00+00"),
    ("timestamp with time zone", "infinity", "-infinity"),
    ("timestamp with time zone", "infinity", None),
    ("timestamp with time zone", "9999-12-31 23:59:59.999999+00", "9999-12-31 23:59:59.999998+00"),
    ("timestamp without time zone", "2020-01-01 12:00", "2020-01-01 13:00"),
    ("time without time zone", "24:00", "00:00"),
    ("time with time zone", "12:00+00", "13:00+01"),
    ("interval", "1 day", "24 hours"),
    ("interval", "30 days", "1 month"),
    ("real", "0", "-0"),
    ("double precision", "0", "-0"),
    ("double precision", "0.1", "0.10000000000000002"),
    ("double precision", "NaN", "Infinity"),
    ("numeric", "1.0", "1.00"),
    ("numeric", "NaN", "0"),
    ("numeric(10,2)", "1.00", "1.01"),
    ("bytea", "\\x00", "\\x0000"),
    ("bytea", "\\x", None),
    ("json", '{"a": 1}', '{"a":1}'),
    ("json", "null", None),
    ("jsonb", '{"a": 1}', '{"a": 1.0}'),
    ("jsonb", '{"a": null}', "{}"),
    ("integer[]", "{}", None),
    ("integer[]", "{1,2}", "{{1,2}}"),
    ("integer[]", "{1}", "[0:0]={1}"),
    ("text[]", "{NULL}", '{"NULL"}'),
    ("text[]", "{a,b}", '{"a,b"}'),
    ("double precision[]", "{0.1}", "{0.10000000000000002}"),
    ("timestamp with time zone[]", "{2020-01-01 00:00+00}", "{2020-01-01 01:00+00}"),
    ("inet", "10.0.0.1", "10.0.0.1/8"),
    ("numrange", "[1,2)", "[1,2]"),
    ("tsvector", "a:1", "a:2"),
    ("mood", "sad", "glad"),
    ("mood[]", "{sad}", "{glad}"),
    ("bit varying", "0", "00"),
)
"""Type, a value, another value. The row `n` is about the column `c<n>`."""

MAPPING = TableMapping(
    legacy="legacy_cells",
    native="cells",
    columns=same("id", *(f"c{number}" for number in range(len(CELLS)))),
)
SETTINGS_OF_THEIR_OWN: LiteralString = """
ALTER ROLE CURRENT_USER IN DATABASE {0} SET timezone = 'Asia/Kathmandu';
ALTER ROLE CURRENT_USER IN DATABASE {0} SET datestyle = 'German';
ALTER ROLE CURRENT_USER IN DATABASE {0} SET intervalstyle = 'iso_8601';
ALTER ROLE CURRENT_USER IN DATABASE {0} SET extra_float_digits = -5;
ALTER ROLE CURRENT_USER IN DATABASE {0} SET bytea_output = 'escape';
"""


def make(url: str, table: str, value: int, *, others: bool = False) -> None:
    """A table with a row for each case: its first or second value, and first values elsewhere."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(f"c{n}"), sql.SQL(type_))
        for n, (type_, *_) in enumerate(CELLS)
    ]
    with psycopg.connect(url) as connection:
        if others:  # the enum has other numbers inside
            connection.execute("CREATE TYPE another AS ENUM ('a', 'b', 'c')")
        connection.execute("CREATE TYPE mood AS ENUM ('sad', 'glad')")
        connection.execute(
            sql.SQL("CREATE TABLE {} (id integer PRIMARY KEY, {})").format(
                sql.Identifier(table), sql.SQL(", ").join(columns)
            )
        )
        for row in range(len(CELLS)):
            values = [cell[1 + value * (n == row)] for n, cell in enumerate(CELLS)]
            connection.execute(
                sql.SQL("INSERT INTO {} VALUES ({})").format(
                    sql.Identifier(table), sql.SQL(", ").join(map(sql.Literal, [row, *values]))
                )
            )


def test_one_changed_cell_of_every_type_is_found_and_named(empty: Sides) -> None:
    name = psycopg.conninfo.conninfo_to_dict(empty.legacy)["dbname"]
    with psycopg.connect(empty.legacy) as connection:
        connection.execute(sql.SQL(SETTINGS_OF_THEIR_OWN).format(sql.Identifier(str(name))))
    make(empty.legacy, "legacy_cells", 0)
    make(empty.native, "cells", 1, others=True)
    assert differences(verify(empty, {"d": [MAPPING]})) == {
        "cells": [(row, "differs", f"c{row}") for row in range(len(CELLS))]
    }
    run(empty.native, "DROP TABLE cells; DROP TYPE mood, another")
    make(empty.native, "cells", 0, others=True)
    report = verify(empty, {"d": [MAPPING]})
    assert differences(report) == {}
    assert (report.equal, report.tables[0].rows, report.tables[0].replica_rows) == (
        True,
        len(CELLS),
        len(CELLS),
    )


UPPER = Transform(
    name="upper",
    kind=Kind.FORWARD_ONLY,
    up=str.upper,
    up_sql="upper({}) || '%'",
)
KEYS = TableMapping(
    legacy="legacy_keys",
    native="keys",
    columns=(Column("a", "a"), Column("b", "b"), Column("old", "new", UPPER), Column("n", "n")),
    key=("a", "b"),
)
TEXTS = "E'\\u0001', '', ' ', 'A', 'a', 'Z', 'ä', 'z', '🐍', E'\\uffff', 'NULL', '{', ',', '\"'"


def test_composite_and_text_keys(empty: Sides) -> None:
    for url, table, of in ((empty.legacy, "legacy_keys", "old"), (empty.native, "keys", "new")):
        with psycopg.connect(url) as connection:
            connection.execute(
                sql.SQL(
                    "CREATE TABLE {} (a text, b integer, {} text, n bigint, PRIMARY KEY (a, b))"
                ).format(sql.Identifier(table), sql.Identifier(of))
            )
            value = "'v'" if of == "old" else "'V%'"
            connection.execute(
                sql.SQL(
                    "INSERT INTO {} SELECT a, b, {}, b FROM unnest(ARRAY[{}]) AS a,"
                    " generate_series(-300, 300) AS b"
                ).format(sql.Identifier(table), sql.SQL(value), sql.SQL(TEXTS))
            )
    domains = {"d": [KEYS]}
    report = verify(empty, domains)
    assert (report.equal, report.tables[0].rows) == (True, 14 * 601)
    run(
        empty.native,
        """
        UPDATE keys SET new = 'v%' WHERE a = '🐍' AND b = -300;
        DELETE FROM keys WHERE a = '' AND b = 0;
        INSERT INTO keys VALUES ('new', 1, 'V%', 1);
        UPDATE keys AS k SET n = o.n FROM keys AS o
        WHERE k.a = 'a' AND o.a = 'a' AND (k.b, o.b) IN ((1, 2), (2, 1));
        """,
    )
    found = differences(verify(empty, domains))["keys"]
    assert sorted(found) == [
        ("", 0, "missing"),
        ("a", 1, "differs", "n"),
        ("a", 2, "differs", "n"),
        ("new", 1, "extra"),
        ("🐍", -300, "differs", "new"),
    ]


def test_another_encoding(stack: EmbeddedStack, empty: Sides) -> None:
    with psycopg.connect(stack.postgres_url("postgres"), autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE verify_latin1 TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
        )
    latin = Sides(stack.postgres_url("verify_latin1"), empty.native)
    mapping = TableMapping(legacy="words", native="words", columns=same("id", "word"))
    table: LiteralString = """
        CREATE TABLE words (id integer PRIMARY KEY, word varchar(9));
        INSERT INTO words VALUES (1, 'é'), (2, 'ü'), (3, NULL);
    """
    run(latin.legacy, table)
    run(latin.native, table)
    assert verify(latin, {"d": [mapping]}).equal
    run(latin.native, "UPDATE words SET word = 'É' WHERE id = 1")
    assert differences(verify(latin, {"d": [mapping]})) == {"words": [(1, "differs", "word")]}
