"""Rows of texts as the arrays that the server reads."""

import pytest

from legacy_bridge.replication.apply.arrays import columns, whole_columns
from legacy_bridge.replication.pgoutput.messages import UNCHANGED, Value


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([b"a"], b'{"a"}'),
        ([b""], b'{""}'),
        ([b"a", b"b,c", b"{}"], b'{"a","b,c","{}"}'),
        ([b"a", None], b'{"a",NULL}'),
        ([None, None], b"{NULL,NULL}"),
        ([b"NULL", b" a "], b'{"NULL"," a "}'),
        ([b'"'], b'{"\\""}'),
        ([b'a","b', b"c"], b'{"a\\",\\"b","c"}'),
        ([b"\\"], b'{"\\\\"}'),
        ([b'\\"', None, b"x"], b'{"\\\\\\"",NULL,"x"}'),
        (["ä\n".encode()], '{"ä\n"}'.encode()),
    ],
)
def test_a_column_as_an_array(values: list[Value], written: bytes) -> None:
    assert columns([(value,) for value in values]) == [written]


def test_one_array_for_each_column() -> None:
    assert columns([(b"1", b"a"), (b"2", None)]) == [b'{"1","2"}', b'{"a",NULL}']


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match="is no text"):
        columns([(b"a",), (UNCHANGED,)])


def test_rows_that_did_not_come_whole_have_no_columns() -> None:
    whole = [(b"1", b"a", None), (b"2", None, None)]
    assert whole_columns(whole) == columns(whole) == [b'{"1","2"}', b'{"a",NULL}', b"{NULL,NULL}"]
    assert whole_columns([*whole, (b"3", UNCHANGED, None)]) is None
    assert whole_columns([]) == []
