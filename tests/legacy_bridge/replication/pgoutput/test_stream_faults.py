"""What a stream says when something is wrong with the slot, the server or who is asking."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import LiteralString, Self
from urllib.parse import urlsplit

import pytest
from psycopg import sql

from legacy_bridge.replication import stream as stream_module
from legacy_bridge.replication.connections import LEGACY
from legacy_bridge.replication.faults import BridgeError
from legacy_bridge.replication.pgoutput.lsn import Lsn
from legacy_bridge.replication.slots import SlotInUse, drop_slot, read_slot
from legacy_bridge.replication.stream import ReplicationStream
from legacy_bridge.replication.stream_access import StreamLost
from proxy.embedded import postgres
from proxy.embedded.postgres import EmbeddedPostgres
from tests.legacy_bridge.replication.pgoutput.published import (
    PUBLICATION,
    SECONDS,
    Published,
    idle,
    told,
    transaction,
    transactions,
)

NOTES: LiteralString = "notes (id int PRIMARY KEY, body text)"
READER: LiteralString = "SELECT active_pid FROM pg_replication_slots WHERE slot_name = %s"


def until_lost(stream: ReplicationStream) -> str:
    with pytest.raises(StreamLost) as lost:  # noqa: PT012  # whichever call meets it
        deadline = monotonic() + SECONDS
        while monotonic() < deadline:
            stream.receive(1)
    return str(lost.value)


def refused(published: Published, from_: Lsn) -> str:
    with published.source() as source, pytest.raises(BridgeError) as fault:
        source.start(from_)
    return str(fault.value)


def test_a_keepalive_acknowledges_nothing(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')", "CREATE TABLE not_published (id int)")
    beyond = published.position()
    with published.stream(slot.consistent_point) as stream:
        whole = transaction(stream)
        assert idle(stream, beyond).position >= beyond
        assert stream.receive(0) is None
        stream.tend()
    assert published.confirmed() == slot.consistent_point
    with published.stream(slot.consistent_point) as stream:
        assert transaction(stream).end_lsn == whole.end_lsn


def test_nothing_is_acknowledged_that_was_not_handed_out(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')")
    with published.stream(slot.consistent_point, idle_seconds=3600.0) as stream:
        end = transaction(stream).end_lsn
        with pytest.raises(ValueError, match="was never handed out"):
            stream.acknowledge(Lsn(end + 1))
    assert published.confirmed() == slot.consistent_point


def test_two_readers_of_one_slot(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')")
    with published.stream(slot.consistent_point) as first:
        pid = published.ask(READER, published.slot)
        with published.source() as source, pytest.raises(SlotInUse) as in_use:
            source.start(slot.consistent_point)
        assert str(in_use.value).startswith(
            f"the replication slot {published.slot} is being read by pid {pid} "
            f"(strangler {os.getpid()}@"
        )
        assert str(in_use.value).endswith(f"run: SELECT pg_terminate_backend({pid});")
        with published.connect() as connection, pytest.raises(SlotInUse):
            drop_slot(connection, published.slot)
        assert told(transaction(first)) == [("notes", "insert", None, (b"1", b"a"))]
    with published.connect() as connection:
        drop_slot(connection, published.slot)
        assert read_slot(connection, published.slot) is None
        drop_slot(connection, published.slot)


def test_a_slot_that_is_dropped_under_the_reader(published: Published) -> None:
    slot = published.publish(NOTES)
    with published.stream(slot.consistent_point) as stream:
        published.run(
            "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
            " WHERE database = current_database()",
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            " WHERE database = current_database()",
        )
        assert until_lost(stream).startswith(f"{LEGACY} has ended the connection: ")
    assert refused(published, slot.consistent_point) == (
        f"the replication slot {published.slot} is not there (dropped, or left behind in a "
        f"failover): what changed after {slot.consistent_point} cannot be known — "
        "copy anew and start a new stream with `strangler sync init`"
    )


def test_a_slot_of_another_kind(published: Published) -> None:
    published.run(
        f"CREATE TABLE {NOTES}",
        "CREATE PUBLICATION strangler FOR TABLE notes",
    )
    published.ask("SELECT pg_create_physical_replication_slot(%s)", published.slot)
    try:
        assert refused(published, published.position()) == (
            f"the replication slot {published.slot} is not ours (its plugin is none) — "
            "choose another name for the slot"
        )
    finally:
        published.ask("SELECT pg_drop_replication_slot(%s)::text", published.slot)


def test_a_slot_that_is_there_already(published: Published) -> None:
    published.publish(NOTES)
    with published.source() as source, pytest.raises(BridgeError) as fault:
        source.create_slot()
    assert str(fault.value) == (
        f"{LEGACY} has a replication slot {published.slot} already — if no stream is meant to go "
        f"on with it: SELECT pg_drop_replication_slot('{published.slot}');"
    )


def test_what_was_applied_went_back_in_time(published: Published) -> None:
    """The target was restored from a backup: it knows less than it acknowledged."""
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')")
    with published.stream(slot.consistent_point) as stream:
        end = transaction(stream).end_lsn
        stream.acknowledge(end)
    assert refused(published, slot.consistent_point).startswith(
        f"the replication slot {published.slot} has been read up to {end}, but what was applied "
        f"ends at {slot.consistent_point}: "
    )


def test_the_server_went_back_in_time(published: Published) -> None:
    published.publish(NOTES)
    ahead = Lsn(published.position() + (1 << 30))
    assert refused(published, ahead).startswith(
        f"changes up to {ahead} were applied, but the server has written up to "
    )


def test_no_publication(published: Published) -> None:
    slot = published.publish(NOTES)
    published.run("DROP PUBLICATION strangler")
    assert refused(published, slot.consistent_point).startswith(
        f"{LEGACY} has no publication {PUBLICATION}, or had none when something was changed"
    )


def test_a_publication_that_goes_away(published: Published) -> None:
    """From version 18 on the server leaves its tables out, with a warning."""
    slot = published.publish(NOTES)
    published.run("INSERT INTO notes VALUES (1, 'a')")
    with published.stream(slot.consistent_point) as stream:
        transaction(stream)
        published.run(
            "DROP PUBLICATION strangler",
            "INSERT INTO notes VALUES (2, 'lost')",
            "CREATE PUBLICATION strangler FOR TABLE notes",
            "INSERT INTO notes VALUES (3, 'not lost')",
        )
        with pytest.raises(BridgeError, match="had none when something was changed"):
            transaction(stream)


def test_a_long_transaction_is_in_the_way_of_a_new_slot(published: Published) -> None:
    published.run(f"CREATE TABLE {NOTES}")
    with published.connect() as writing:
        writing.execute("BEGIN")
        writing.execute("INSERT INTO notes VALUES (1, 'not committed')")
        pid = writing.info.backend_pid
        with published.source() as source, pytest.raises(BridgeError) as fault:
            source.create_slot(patience=0.5)
    assert f"after 0.5 s one has not ended: pid {pid} (unnamed, user strangler, since 20" in str(
        fault.value
    )
    with published.connect() as connection:
        assert read_slot(connection, published.slot) is None
    with published.source() as source:
        assert source.create_slot().snapshot != ""


def test_who_may_not_replicate(published: Published) -> None:
    role = sql.Identifier(f"reader_{published.slot}")
    with published.connect() as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret'").format(role))
        try:
            port = urlsplit(published.url).port
            url = f"postgresql://reader_{published.slot}:secret@127.0.0.1:{port}/{published.slot}"
            with pytest.raises(BridgeError) as fault:
                Published(url, published.slot).source()
            name = f'"reader_{published.slot}"'
            assert str(fault.value) == (
                f"{LEGACY}: the user {name} may not replicate — "
                f"let an administrator run: ALTER ROLE {name} REPLICATION;"
            )
            connection.execute(sql.SQL("ALTER ROLE {} REPLICATION").format(role))
            Published(url, published.slot).source().close()
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(role))


def test_nobody_is_there() -> None:
    with pytest.raises(BridgeError, match=r"cannot be reached at 127\.0\.0\.1:1/x") as fault:
        Published("postgresql://u:very-secret@127.0.0.1:1/x", "s").source()
    assert "very-secret" not in str(fault.value)


def test_a_server_that_says_nothing(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "STATUS_SECONDS", 0.1)
    monkeypatch.setattr(stream_module, "SILENCE_SECONDS", 2.0)
    slot = published.publish(NOTES)
    with published.stream(slot.consistent_point, idle_seconds=3600.0) as stream:
        # Asked for a sign of life it gives one, again and again.
        while_alive = monotonic() + 3
        while monotonic() < while_alive:
            stream.receive(while_alive - monotonic())
        pid = published.ask(READER, published.slot)
        os.kill(pid, signal.SIGSTOP)
        try:
            said, _, seconds = until_lost(stream).removesuffix(" s").rpartition(" for ")
            assert said == f"{LEGACY} has not said anything"
            assert int(seconds) >= 2
        finally:
            os.kill(pid, signal.SIGCONT)


class Reading:
    """A thread that receives until the stream is lost, as it should be within the block."""

    def __init__(self, stream: ReplicationStream) -> None:
        self.lost = ""
        self._stream = stream
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        self.lost = until_lost(self._stream)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()


class Server:
    """A PostgreSQL of a test's own, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running = EmbeddedPostgres(folder, durable=False)

    def restart(self) -> None:
        self.running.close()
        self.running = EmbeddedPostgres(self._folder, durable=False)

    @property
    def published(self) -> Published:
        return Published(self.running.url("postgres"), "own")


@pytest.fixture
def server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """With the options that the test is parametrised with."""
    for name, value in request.param.items():
        monkeypatch.setitem(postgres.OPTIONS, name, value)
    own = Server(tmp_path)
    yield own
    own.running.delete()


@pytest.mark.parametrize(
    "server", [{"wal_level": "replica", "max_wal_senders": "1"}], indirect=True
)
def test_a_server_that_is_not_set_up_for_it(server: Server) -> None:
    with server.published.source() as source:
        with pytest.raises(BridgeError) as no_logical:
            source.create_slot()
        with pytest.raises(BridgeError) as no_more:
            server.published.source()
    assert str(no_logical.value).startswith(
        f"{LEGACY}: the server does not write what replication needs (wal_level is replica) — "
        "let an administrator run: ALTER SYSTEM SET wal_level = 'logical'; and restart the server."
    )
    assert str(no_more.value) == (
        f"{LEGACY}: all 1 connections for replication are in use — "
        "set max_wal_senders higher and restart the server, or end one of them"
    )


@pytest.mark.parametrize(
    "server", [{"max_slot_wal_keep_size": "16MB", "max_replication_slots": "1"}], indirect=True
)
def test_a_slot_that_the_server_gives_up(server: Server) -> None:
    published = server.published
    slot = published.publish(NOTES)
    with published.connect() as connection:
        before = read_slot(connection, "own")
        assert before is not None
        assert (before.lost, before.reader, before.plugin) == (None, None, "pgoutput")
        assert before.confirmed == slot.consistent_point
        assert before.left_bytes is not None
        for _ in range(4):
            connection.execute("SELECT pg_logical_emit_message(false, 'x', 'x')")
            connection.execute("SELECT pg_switch_wal()")
        after = read_slot(connection, "own")
        assert after is not None
        assert after.retained_bytes - before.retained_bytes >= 3 * 16 << 20
        connection.execute("CHECKPOINT")
    assert refused(published, slot.consistent_point).startswith(
        "the server has given up the replication slot own (wal_removed): what changed after "
    )
    other = Published(published.url, "other")
    with other.source() as source, pytest.raises(BridgeError, match="slots are in use"):
        source.create_slot()


@pytest.mark.faults
@pytest.mark.parametrize("server", [{}], indirect=True)
def test_a_restart_loses_nothing_and_does_not_wait_for_the_applier(server: Server) -> None:
    slot = server.published.publish(NOTES)
    server.published.run("INSERT INTO notes VALUES (1, 'applied')")
    with server.published.source() as source:
        stream = source.start(slot.consistent_point)
        applied = transaction(stream)
        stream.acknowledge(applied.end_lsn)
        server.published.run("INSERT INTO notes VALUES (2, 'not applied')")
        waiting = transaction(stream)
        with Reading(stream) as reading:
            server.restart()
        stream.close()
        assert "is shutting down" in reading.lost
    # Before version 17 a server does not keep the last of it through its shutdown.
    assert slot.consistent_point <= server.published.confirmed() <= applied.end_lsn
    server.published.run("INSERT INTO notes VALUES (3, 'later')")
    with server.published.stream(applied.end_lsn) as stream:
        again, later = transactions(stream, 2)
    assert again.end_lsn == waiting.end_lsn
    assert told(again) == [("notes", "insert", None, (b"2", b"not applied"))]
    assert told(later) == [("notes", "insert", None, (b"3", b"later"))]
