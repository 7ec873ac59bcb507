"""Events on standard error, and what becomes of them where it cannot be written."""

import json
import os
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from proxy.telemetry.events import EventStream, Seldom
from proxy.telemetry.outlet import PIPE_ROOM
from tests.proxy.telemetry.records import contents, pipe

PROGRAM = """
import logging, sys
import structlog
from proxy.telemetry import configure_logging
configure_logging(sys.argv[1])
structlog.get_logger("a").info("started", port=8000)
logging.getLogger("b").warning("of %s", "the library")
logging.getLogger("b").info("too little to say")
try:
    1 / 0
except ZeroDivisionError:
    structlog.get_logger("a").exception("broke")
sys.stdout.write("done")
"""


def said(log_format: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, log_format], capture_output=True, text=True, check=True
    )
    assert done.stdout == "done"
    return done.stderr.splitlines()


def test_events_are_lines_of_json() -> None:
    lines = [json.loads(line) for line in said("json")]
    assert all(line.pop("time").endswith("Z") for line in lines)
    assert lines[2].pop("exception").endswith("ZeroDivisionError: division by zero")
    assert lines == [
        {"event": "started", "level": "info", "port": 8000},
        {"event": "of the library", "level": "warning"},
        {"event": "broke", "level": "error"},
    ]


def test_or_coloured_for_a_terminal() -> None:
    first, *_ = said("console")
    assert "\x1b[" in first
    assert "started" in first


def test_a_standard_error_that_nobody_reads_breaks_nothing() -> None:
    with pipe() as (reader, writer):
        os.close(reader)
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "json"],
            stdout=subprocess.PIPE,
            stderr=writer,
            check=True,
        )
    assert done.stdout == b"done"


def test_a_full_pipe_holds_up_the_first_event_for_a_moment_and_no_other() -> None:
    with pipe() as (reader, writer):
        stream = EventStream(writer)
        full = PIPE_ROOM // 4096
        for _ in range(full + 3):
            assert stream.write("x" * 4095 + "\n") == 4096
        assert stream._patience == 0
        assert len(contents(reader)) == PIPE_ROOM
        stream.write("again\n")
        stream.flush()
        assert contents(reader) == b"again\n"
        assert stream._patience > 0
        stream.close()


def test_an_event_that_was_cut_off_does_not_begin_the_next() -> None:
    with pipe() as (reader, writer):
        stream = EventStream(writer)
        stream.write("y" * (PIPE_ROOM + 1) + "\n")
        assert contents(reader) == b"y" * PIPE_ROOM
        stream.write("lone surrogate \ud800\n")
        assert contents(reader) == b"\nlone surrogate \\ud800\n"
        stream.close()


def test_what_comes_often_is_said_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("proxy.telemetry.events.monotonic", lambda: now)
    seldom = Seldom("lost")
    with capture_logs() as events:
        seldom.settle()
        seldom.add(3, "first")
        seldom.add(2, "second")
        now += 59
        seldom.add(1, "third")
        now += 1
        seldom.settle()
        seldom.settle()
        seldom.add(4, "fourth")
        seldom.close()
        seldom.close()
    assert [(event["number"], event["error"]) for event in events] == [
        (3, "first"),
        (3, "third"),
        (4, "fourth"),
    ]
