"""Play a row, and look at everything that must be so afterwards."""

import asyncio
import re
import socket
from http import HTTPStatus

from tests.proxy.faults.play import LEFT, TARGET, Play, echo
from tests.proxy.faults.proxy import FaultHarness, becomes_true
from tests.proxy.faults.row import Row
from tests.proxy.http.ends import Peer
from tests.proxy.http.harness import HOST, request

RFC_9110 = {"413": "Content Too Large", "414": "URI Too Long"}
"""Phrases where those of Python differ from version to version."""

FAULTS = "strangler_forward_faults_total"
CLEAN = b"/clean/"

Samples = dict[str, float]
"""By name and labels, as they stand on the page."""


async def perform(harness: FaultHarness, row: Row) -> None:
    """`AssertionError` where anything is not as the row says. The harness is clean before."""
    before = await faults(harness)
    play = Play(harness)
    seen = await row.scene(play)
    play.over.set()
    assert seen == row.seen, f"the client saw: {seen}"
    if row.fault and seen.isdigit():
        phrase = RFC_9110.get(seen) or HTTPStatus(int(seen)).phrase
        assert play.body == f"{seen} {phrase}\n".encode()
    await logged(harness, row)
    await counted(harness, before, row, play)
    harness.close_clients()
    await at_rest(harness)
    harness.upstream.play(echo)
    for put_right in play.afterwards:
        await put_right()
    await answered_rightly(harness)
    await connections_are(harness, row, play)


async def logged(harness: FaultHarness, row: Row) -> None:
    if not row.fault:
        line = await harness.line(path=TARGET.decode())
        assert "fault" not in line, line
        return
    line = await harness.line(fault=row.fault)
    if row.seen != LEFT and row.seen[:3].isdigit():
        assert line["status"] == int(row.seen[:3]), line


async def counted(harness: FaultHarness, before: Samples, row: Row, play: Play) -> None:
    """This fault once, the others of the scene, and nothing else."""
    expected = dict(play.besides)
    if row.fault:
        expected[row.fault] = expected.get(row.fault, 0) + 1
    after = await faults(harness)
    risen = {fault: after[fault] - before.get(fault, 0) for fault in after}
    risen = {fault: by for fault, by in risen.items() if by}
    assert risen == expected, f"counted: {risen}"


async def faults(harness: FaultHarness) -> Samples:
    """How often there was each, as `stage/side/cause`."""
    found = {}
    for sample, value in (await samples(harness)).items():
        if sample.startswith(FAULTS + "{"):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', sample))
            found["/".join(labels[name] for name in ("stage", "side", "cause"))] = value
    return found


async def samples(harness: FaultHarness) -> Samples:
    answer = await harness.ask(b"GET /__strangler__/metrics HTTP/1.1\r\n" + HOST + b"\r\n")
    assert answer.status == 200
    found = {}
    for line in answer.body.decode().splitlines():
        sample, _, value = line.rpartition(" ")
        if sample and not line.startswith("#"):
            found[sample] = float(value)
    return found


async def at_rest(harness: FaultHarness) -> None:
    """No request, no client and no busy connection is left, but for the question itself."""
    upstream = f'upstream="127.0.0.1:{harness.upstream.port}"'
    expected = {
        "strangler_requests_in_flight": 1,
        'strangler_connections{state="busy"}': 1,
        'strangler_connections{state="idle"}': 0,
        "strangler_upstream_waiting": 0,
        f'strangler_upstream_connections{{state="busy",{upstream}}}': 0,
        f'strangler_upstream_connections{{state="idle",{upstream}}}': left_open(harness),
    }
    found: Samples = {}

    async def so() -> bool:
        page = await samples(harness)
        expected[list(expected)[-1]] = left_open(harness)
        found.update({name: page[name] for name in expected})
        return found == expected

    try:
        await becomes_true(so)
    except AssertionError:
        assert found == expected, f"not at rest: {found}"


def left_open(harness: FaultHarness) -> int:
    """Connections that the upstream sees open."""
    return sum(is_open(peer) for peer in harness.upstream.peers)


def is_open(peer: Peer) -> bool:
    """Neither end has closed it."""
    try:
        return peer.sock.fileno() >= 0 and peer.sock.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


async def answered_rightly(harness: FaultHarness) -> None:
    """Requests one after the other, then side by side, each get their own answer."""
    client = await harness.client()
    for number, method in enumerate((b"GET", b"POST", b"GET")):
        target = CLEAN + b"%d" % number
        body = b"" if method == b"GET" else b"hello"
        await client.say(request(target, method=method, body=body))
        answer = await client.answer()
        assert (answer.status, answer.body) == (200, target), f"afterwards: {answer}"
    targets = [CLEAN + b"beside/%d" % number for number in range(2)]
    answers = await asyncio.gather(*(harness.ask(request(target)) for target in targets))
    got = [(answer.status, answer.body) for answer in answers]
    assert got == [(200, target) for target in targets], f"afterwards: {got}"


async def connections_are(harness: FaultHarness, row: Row, play: Play) -> None:
    """No connection that met a fault was used again."""
    if row.connection == "none":
        assert not any(b" %b " % TARGET in peer.received for peer in harness.upstream.peers)
        return
    (guilty,) = play.guilty
    used_again = CLEAN in guilty.received
    kept = row.connection == "kept"
    assert (used_again, is_open(guilty)) == (kept, kept), f"used again: {used_again}"
