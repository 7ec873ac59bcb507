"""The decoder against bytes of every kind: those of messages, cut ones, and any at all."""

from contextlib import suppress
from datetime import UTC, datetime
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from legacy_bridge.replication.pgoutput.decode import (
    begin_fields,
    commit_fields,
    decode,
    new_row,
)
from legacy_bridge.replication.pgoutput.frames import (
    Keepalive,
    XLogData,
    decode_frame,
    encode_status,
)
from legacy_bridge.replication.pgoutput.lsn import LARGEST, Lsn
from legacy_bridge.replication.pgoutput.messages import (
    UNCHANGED,
    Begin,
    Binary,
    Commit,
    Delete,
    Insert,
    Message,
    Origin,
    PgoutputError,
    PgoutputMessage,
    Relation,
    RelationColumn,
    ReplicaIdentity,
    Truncate,
    Type,
    Update,
)
from tests.legacy_bridge.replication.pgoutput.encoder import clock, encode

lsns = st.integers(0, LARGEST).map(Lsn)
moments = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(0, 2**32 - 1)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
values = st.none() | st.just(UNCHANGED) | st.binary() | st.binary().map(Binary)
rows = st.lists(values, max_size=8).map(tuple)
columns = st.builds(RelationColumn, names, numbers, st.integers(-(2**31), 2**31 - 1), st.booleans())
updates = st.builds(Update, numbers, rows, st.booleans(), rows) | st.builds(
    Update, numbers, st.none(), st.just(False), rows
)
messages: st.SearchStrategy[PgoutputMessage] = st.one_of(
    st.builds(Begin, lsns, moments, numbers),
    st.builds(Commit, lsns, lsns, moments),
    st.builds(Origin, lsns, names),
    st.builds(
        Relation,
        numbers,
        names,
        names,
        st.sampled_from(ReplicaIdentity),
        st.lists(columns, max_size=5).map(tuple),
    ),
    st.builds(Type, numbers, names, names),
    st.builds(Insert, numbers, rows),
    updates,
    st.builds(Delete, numbers, rows, st.booleans()),
    st.builds(Truncate, st.lists(numbers, max_size=5).map(tuple), st.booleans(), st.booleans()),
    st.builds(Message, st.booleans(), lsns, names, st.binary()),
)


@given(messages)
def test_what_is_encoded_decodes_to_the_same(message: PgoutputMessage) -> None:
    assert decode(encode(message)) == message


@given(messages, st.data())
def test_a_cut_message_is_refused_where_it_ends(
    message: PgoutputMessage, data: st.DataObject
) -> None:
    whole = encode(message)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(PgoutputError) as refused:
        decode(cut)
    assert 0 <= refused.value.offset <= len(cut)


@given(messages, st.binary(min_size=1))
def test_a_message_with_more_behind_it_is_refused(message: PgoutputMessage, more: bytes) -> None:
    whole = encode(message)
    with pytest.raises(PgoutputError) as refused:
        decode(whole + more)
    assert refused.value.offset == len(whole)


@given(st.sampled_from(b"BCORYIUDTM").map(lambda kind: bytes([kind])), st.binary())
def test_any_bytes_are_a_message_or_refused(kind: bytes, rest: bytes) -> None:
    with suppress(PgoutputError):
        again = decode(kind + rest)
        assert decode(encode(again)) == again


@given(messages, st.data())
def test_a_message_with_a_wrong_byte_is_a_message_or_refused(
    message: PgoutputMessage, data: st.DataObject
) -> None:
    whole = bytearray(encode(message))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(PgoutputError):
        again = decode(bytes(whole))
        assert decode(encode(again)) == again


@given(messages)
def test_the_short_way_of_rows_takes_what_it_is_for(message: PgoutputMessage) -> None:
    simple = isinstance(message, Insert) or (isinstance(message, Update) and message.old is None)
    assert new_row(encode(message)) == (message if simple else None)


@given(messages, st.data())
def test_the_short_way_of_rows_leaves_every_fault_to_the_long_one(
    message: PgoutputMessage, data: st.DataObject
) -> None:
    whole = bytearray(encode(message))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    for wrong in (bytes(whole), cut):
        with suppress(PgoutputError):
            row = new_row(wrong)
            assert row is None or row == decode(wrong)


@given(lsns, lsns, moments, numbers)
def test_the_short_way_of_what_is_around_rows(
    at: Lsn, end: Lsn, moment: datetime, xid: int
) -> None:
    begin, commit = encode(Begin(at, moment, xid)), encode(Commit(at, end, moment))
    assert begin_fields(begin) == (at, clock(moment), xid)
    assert commit_fields(commit) == (at, end, clock(moment))
    for data, fields in ((begin, begin_fields), (commit, commit_fields)):
        for wrong in (data[:-1], data + b"x"):
            with pytest.raises(PgoutputError):
                fields(wrong)


@pytest.mark.parametrize("year", [-(2**62), 2**62])
def test_a_commit_in_no_year_is_refused_when_it_comes(year: int) -> None:
    with pytest.raises(PgoutputError) as refused:
        commit_fields(b"C" + pack("!BQQq", 0, 1, 2, year))
    assert (refused.value.offset, refused.value.fault) == (
        18,
        f"{year} µs since 2000 is in no year",
    )


FAULTS = {
    b"": (0, "an empty message"),
    b"S": (0, "b'S' is no kind of message of protocol version 1"),
    b"B" + bytes(3): (1, "the message ends here: 20 bytes wanted, 3 left"),
    b"B" + bytes(8) + pack("!q", 2**63 - 1) + bytes(4): (
        9,
        "9223372036854775807 µs since 2000 is in no year",
    ),
    b"O" + bytes(8) + b"name": (9, "a text without an end"),
    b"O" + bytes(8) + b"a\xff\0": (10, "a text that is not UTF-8"),
    b"R" + bytes(4) + b"s\0t\0x" + bytes(2): (9, "'x' is no kind of replica identity"),
    b"I" + bytes(4) + b"K": (5, "expected a new row (b'N')"),
    b"D" + bytes(4) + b"N": (5, "found b'N', expected b'O' or b'K'"),
    b"I" + bytes(4) + b"N\0\1x": (8, "b'x' is no kind of value"),
    b"I" + bytes(4) + b"N\0\1": (8, "b'' is no kind of value"),
    b"I" + bytes(4) + b"N\0\1t\0\0": (11, "a value without all of its length"),
    b"I" + bytes(4) + b"N\0\1t\xff\xff\xff\xffx": (13, "a value that is longer than the message"),
    b"T\xff\xff\xff\xff\0": (1, "4294967295 tables are more than the message has"),
    b"M\2": (1, "found b'\\x02', expected b'\\x01' or b'\\x00'"),
}


@pytest.mark.parametrize("data", FAULTS)
def test_what_is_said_of_a_fault(data: bytes) -> None:
    with pytest.raises(PgoutputError) as refused:
        decode(data)
    offset, fault = FAULTS[data]
    assert (refused.value.offset, refused.value.fault) == (offset, fault)
    assert str(refused.value) == f"byte {offset} of a replication message: {fault}"


def test_pg_catalog_is_sent_as_nothing() -> None:
    assert decode(b"Y" + bytes(4) + b"\0oid\0") == Type(0, "pg_catalog", "oid")


NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


@given(lsns, st.binary())
def test_a_frame_of_data(start: Lsn, data: bytes) -> None:
    frame = b"w" + pack("!QQq", start, start, 0) + data
    assert decode_frame(frame) == XLogData(start, data)


@given(lsns, moments, st.booleans())
def test_a_keepalive(position: Lsn, at: datetime, requested: bool) -> None:
    frame = b"k" + pack("!QqB", position, clock(at), requested)
    assert decode_frame(frame) == Keepalive(position, at, requested)


@given(st.sampled_from([b"w", b"k", b"x", b""]), st.binary(max_size=40))
def test_any_bytes_are_a_frame_or_refused(kind: bytes, rest: bytes) -> None:
    with suppress(PgoutputError):
        decode_frame(kind + rest)


def test_a_status() -> None:
    status = encode_status(written=3, flushed=2, applied=1, at=NOON, reply=True)
    assert status == b"r" + pack("!QQQqB", 3, 2, 1, clock(NOON), 1)
    assert len(status) == 34


@given(lsns)
def test_a_position_as_text(position: Lsn) -> None:
    assert Lsn.parse(str(position)) == position
    assert f"{position}" == str(position)


def test_a_position_looks_like_those_of_the_server() -> None:
    assert str(Lsn(0x16B3748)) == "0/16B3748"
    assert Lsn.parse("A/FF000000") == 0xAFF000000


@pytest.mark.parametrize("text", ["", "0", "1/2/3", "0/-1", "x/0", "0/123456789", "/"])
def test_what_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match=r"position|literal"):
        Lsn.parse(text)
