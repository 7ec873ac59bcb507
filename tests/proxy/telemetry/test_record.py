"""One request, one line of JSON."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.forwarding.faults import STATUS, Cause, Fault, Side, Stage
from proxy.telemetry import AccessLog, Telemetry
from proxy.telemetry.line import LONGEST
from tests.proxy.telemetry.records import NOON, contents, pipe, record


async def test_a_line_says_all_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    with path.open("wb") as out:
        telemetry = Telemetry(AccessLog(out.fileno()), clock=lambda: NOON)
        record(telemetry, path=b"/downloads/%2F/;x")
        record(
            telemetry,
            method=b"POST",
            path=b'/caf\xc3\xa9/"\\<>',
            client="2001:db8::1",
            domain="downloads",
            owner="legacy",
            status=0,
            seconds=12.345678,
            sent=0,
            received=70_000,
            fault=Fault(Stage.AWAIT_HEAD, Side.CLIENT, Cause.CLOSED),
            upstream_seconds=0.25,
            upstream="10.0.0.7:8000",
        )
        telemetry.close()
    assert path.read_text(encoding="utf-8") == (
        '{"time":"2025-01-01T12:00:00Z","event":"request","method":"GET",'
        '"path":"/downloads/%2F/;x","status":200,"owner":"legacy","domain":"-","ms":1.5,'
        '"sent":11,"received":0,"client":"127.0.0.1","request_id":"0123456789abcdef"}\n'
        '{"time":"2025-01-01T12:00:00Z","event":"request","method":"POST",'
        '"path":"/caf\u00c3\u00a9/\\"\\\\<>","status":0,"owner":"legacy","domain":"downloads",'
        '"ms":12345.68,"sent":0,"received":70000,"client":"2001:db8::1",'
        '"request_id":"0123456789abcdef","upstream":"10.0.0.7:8000","upstream_ms":250.0,'
        '"fault":"await_head/client/closed"}\n'
    )


async def test_the_time_follows_the_clock_both_ways() -> None:
    with pipe() as (reader, writer):
        now = NOON
        telemetry = Telemetry(AccessLog(writer), clock=lambda: now)
        for later in (0.0, 0.74, 0.01, 3600.0, -7200.0):
            now += later
            record(telemetry)
        telemetry.close()
        times = [json.loads(line)["time"] for line in contents(reader).splitlines()]
    assert times == [
        "2025-01-01T12:00:00Z",
        "2025-01-01T12:00:00Z",
        "2025-01-01T12:00:01Z",
        "2025-01-01T13:00:01Z",
        "2025-01-01T11:00:01Z",
    ]


_TEXT = st.characters(max_codepoint=0xFF)


@given(
    method=st.binary(min_size=1, max_size=20),
    path=st.binary(max_size=300),
    client=st.text(max_size=40),
    request_id=st.binary(max_size=40),
    owner=st.sampled_from(["legacy", "native", "proxy"]),
    domain=st.none() | st.text(min_size=1, max_size=20),
    status=st.integers(0, 999),
    seconds=st.floats(0, 1e6),
    sent=st.integers(0, 1 << 50),
    received=st.integers(0, 1 << 50),
    fault=st.none() | st.sampled_from(list(STATUS)),
    upstream_seconds=st.none() | st.floats(0, 1e6),
    upstream=st.none() | st.text(max_size=40),
)
async def test_whatever_is_recorded_comes_out_as_it_was(
    method: bytes,
    path: bytes,
    client: str,
    request_id: bytes,
    owner: str,
    domain: str | None,
    status: int,
    seconds: float,
    sent: int,
    received: int,
    fault: Fault | None,
    upstream_seconds: float | None,
    upstream: str | None,
) -> None:
    with pipe() as (reader, writer):
        telemetry = Telemetry(AccessLog(writer), clock=lambda: NOON)
        telemetry.record(
            method,
            path,
            client,
            request_id,
            owner,
            domain,
            status,
            seconds,
            sent,
            received,
            fault,
            upstream_seconds,
            upstream,
        )
        telemetry.close()
        written = contents(reader)
    assert written.count(b"\n") == 1
    assert written.endswith(b"}\n")
    line = json.loads(written)
    assert line.pop("ms") == pytest.approx(seconds * 1000, abs=0.0051)
    if upstream_seconds is not None:
        assert line.pop("upstream_ms") == pytest.approx(upstream_seconds * 1000, abs=0.0051)
    known = {"upstream": upstream, "fault": "/".join(fault) if fault else None}
    assert line == {
        "time": "2025-01-01T12:00:00Z",
        "event": "request",
        "method": method.decode("latin-1"),
        "path": path.decode("latin-1"),
        "status": status,
        "owner": owner,
        "domain": domain or "-",
        "sent": sent,
        "received": received,
        "client": client,
        "request_id": request_id.decode("latin-1"),
        **{name: value for name, value in known.items() if value is not None},
    }


@pytest.mark.parametrize("octet", [b"a", b'"', b"\xe9"])
async def test_what_a_client_makes_too_long_is_cut(octet: bytes) -> None:
    with pipe() as (reader, writer):
        telemetry = Telemetry(AccessLog(writer), clock=lambda: NOON)
        record(
            telemetry,
            method=b"M" * 9000,
            path=octet * 16_000,
            client="c" * 60_000,
            request_id=b"i" * 129,
            upstream="u" * 260,
        )
        telemetry.close()
        written = contents(reader)
    line = json.loads(written)
    assert len(written) <= LONGEST
    assert line["method"] == "M" * 32 + "…"
    assert line["path"] == octet.decode("latin-1") * 1024 + "…"
    assert line["client"] == "c" * 64 + "…"
    assert line["request_id"] == "i" * 128 + "…"
    assert line["upstream"] == "u" * 260


@pytest.mark.parametrize(("more", "cut"), [(0, False), (1, True)])
async def test_only_what_is_longer_than_a_pipe_takes_at_once_is_cut(more: int, cut: bool) -> None:
    with pipe() as (reader, writer):
        telemetry = Telemetry(AccessLog(writer), clock=lambda: NOON)
        record(telemetry, path=b"")
        telemetry.close()
        room = LONGEST - len(contents(reader))
        telemetry = Telemetry(AccessLog(writer), clock=lambda: NOON)
        record(telemetry, path=b"p" * (room + more))
        telemetry.close()
        written = contents(reader)
    assert json.loads(written)["path"].endswith("…") is cut
    assert (len(written) == LONGEST) is not cut
