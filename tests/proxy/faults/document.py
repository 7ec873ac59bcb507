"""docs/faults.md, written from the rows."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from proxy.forwarding.faults import BEGUN, STATUS, Fault
from tests.proxy.faults.row import Row
from tests.proxy.faults.rows import ELSEWHERE

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "faults.md"

INTRODUCTION = """\
# Faults

Written by `scripts/faults --write-docs`; do not edit. `scripts/faults proxy` plays every row below
against `strangler serve`, between an upstream and a client scripted octet by octet, and prints this
table. `scripts/faults bridge` is another matter, described first.

## The bridge

`scripts/faults bridge --minutes 10 --seed 1` (without a seed one is chosen and shown; `--short`
takes half a minute) starts two PostgreSQL servers that write through to the disk, one for each
side, and two `sync run`, of which one stands by. On each side two connections write to pages,
boxes, downloads and jobs: inserts, updates with and without large values, deletions, other keys,
unique values that change places, parents with children, TRUNCATE, transactions of thousands of
rows, some of it rolled back. Each domain belongs to one side by the seed; one in eight writes is on
the other side. In the middle, perhaps, a domain is handed over. With `--harder` there are three
times as many transactions, twice as many of them on the wrong side, and six times as many empty a
table. Meanwhile, in an order that follows from the seed:

- kill -9, of the one that applies or the one that waits; at a failpoint
- SIGSTOP for 1 to 8 s; the same with its connections cut, so that another one has taken over when
  it wakes up
- connections cut: the bridge's, those that replicate, the writers' (some in the middle of COMMIT)
- a server, or both, shut down as in a crash, and started again

Afterwards everything has to catch up within 2 minutes. Then:

- both sides are equal in every mapped column, but for rows in quarantine for a reason
- each acknowledged version of a row is there, or was followed by one whose writer had seen it, or
  is kept as a conflict (strays only); what was deleted stays away
- each committed transaction was applied exactly once; no position was ever seen to go back
- `sync verify` says the same, and in the idle databases next to nothing is written any more

With `--keep FOLDER` both servers are left there with all of their logs, and with the journal of the
writers, if something is not right.

## The proxy

Each fault is one line in the access log, `"fault": "stage/side/cause"`, and one more of
`strangler_forward_faults_total{stage, side, cause}`. The answer says neither.

- Stages, as a request travels: read_request, lease (of a connection to the upstream), connect,
  send_body, await_head, receive_body, upgraded (a WebSocket).
- Sides: client, proxy (a limit of ours), upstream.
- Causes: closed (refused, reset, ended early, left), late (a time-out), invalid (not what the
  protocol allows), limit (more than we take), loop, open (the circuit breaker).

After each row: no request is left, no client's connection, no busy connection to the upstream, and
five requests get each their own answer. A connection that is `closed` was never used again; one
that is `kept` served the next request; `none` means that the upstream got nothing of the request.

`read_request` faults are also answered with other statuses, and time-outs there with 408: see their
rows.
"""
SURVIVED = """\
## No faults

What looks like a fault and costs the client nothing: no `fault` in the log, no count.
"""
ROWS_HEAD = "| what happens | the client sees | connection to the upstream |\n|---|---|---|\n"


def document(rows: Sequence[Row]) -> str:
    faults = [row for row in rows if row.fault]
    parts = [INTRODUCTION, answers(faults)]
    for stage, of_stage in groupby(faults, key=lambda row: row.key.stage):
        parts.append(f"## {stage}\n")
        for fault, of_fault in groupby(of_stage, key=lambda row: row.fault):
            parts.append(f"### {fault}\n\n" + table(of_fault))
    parts.append(SURVIVED)
    parts.append(table(row for row in rows if not row.fault))
    return "\n".join(parts)


def answers(rows: Sequence[Row]) -> str:
    lines = ["| fault | answer | rows |", "|---|---|---|"]
    for fault, status in STATUS.items():
        count = sum(row.key == fault for row in rows)
        shown = str(count) if count else ELSEWHERE[name(fault)]
        lines.append(f"| {name(fault)} | {said(status)} | {shown} |")
    return "\n".join(lines) + "\n"


def name(fault: Fault) -> str:
    return "/".join(fault)


def said(status: int) -> str:
    return "none: the connection is cut" if status == BEGUN else str(status)


def table(rows: Iterable[Row]) -> str:
    return ROWS_HEAD + "".join(f"| {row.how} | {row.seen} | {row.connection} |\n" for row in rows)
