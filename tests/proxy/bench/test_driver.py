"""The driver as a program of its own: its upstream over raw sockets, and rounds against itself."""

import os
import re
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from proxy.bench.cases import CASES, UPLOAD_ANSWER, VARIANTS, Case, answer, requests
from proxy.bench.driver import Driver, Order

FIRST = CASES[0]


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    with Driver(os.sched_getaffinity(0)) as running:
        yield running


@pytest.fixture
def connection(driver: Driver) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", driver.port), timeout=10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield sock


def received(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := connection.recv(size - len(data))):
        data += piece
    return data


def an_order(port: int, case: Case) -> Order:
    return Order(
        port=port,
        case=case,
        warm=0.02,
        seconds=0.1,
        pids=(os.getpid(),),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_round_without_a_proxy_has_no_errors(driver: Driver, case: Case) -> None:
    done = driver.run(an_order(driver.port, case))
    assert done.errors == {}
    assert done.requests >= case.connections
    assert done.seconds >= 0.1
    assert done.p50_ms is not None
    assert done.p95_ms is not None
    assert done.p99_ms is not None
    assert 0 < done.p50_ms <= done.p95_ms <= done.p99_ms


def test_a_page_is_read_as_long_as_it_is(driver: Driver) -> None:
    case = replace(FIRST, body=0)
    done = driver.run(replace(an_order(driver.port, case), page="/about/"))
    assert done.errors == {}
    assert done.requests > 0


def test_a_round_with_somebody_who_is_not_there(driver: Driver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        done = driver.run(an_order(unused.getsockname()[1], CASES[1]))
    assert (done.requests, done.p50_ms, done.p99_ms) == (0, None, None)
    assert done.errors == {"connect: ConnectionRefusedError": 32}


@pytest.mark.parametrize("case", [CASES[0], *CASES[-2:]], ids=lambda case: case.title)
def test_the_upstream_answers_as_the_last_round_had_it(
    driver: Driver, connection: socket.socket, case: Case
) -> None:
    driver.run(an_order(driver.port, case))
    for _ in range(3):
        connection.sendall(requests(case)[0])
        assert received(connection, len(answer(case))) == answer(case)


def test_requests_differ_in_cookie_and_referer_where_fields_vary() -> None:
    asked = requests(Case(connections=1, body=1024, direction="down", fields="varied"))
    assert len(set(asked)) == VARIANTS
    assert len({len(one) for one in asked}) == 1
    for name in (b"Cookie", b"Referer"):
        lines = [line for one in asked for line in one.split(b"\r\n") if line.startswith(name)]
        assert len(set(lines)) == VARIANTS
    without = {re.sub(rb"(Cookie|Referer): [^\r]*", b"", one) for one in asked}
    assert len(without) == 1


def test_a_round_beside_a_crowd_has_no_errors(driver: Driver) -> None:
    order = replace(an_order(driver.port, CASES[1]), idle=50, slow=110, seconds=0.5)
    done = driver.run(order)
    assert done.errors == {}
    assert done.slow_answers > 0
    assert done.requests >= CASES[1].connections


def test_a_crowd_of_somebody_who_is_not_there(driver: Driver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        done = driver.run(replace(an_order(unused.getsockname()[1], CASES[0]), idle=2, slow=3))
    refused = "connect: ConnectionRefusedError"
    assert done.errors == {refused: 1, f"idle: {refused}": 2, f"slow: {refused}": 3}


@pytest.mark.parametrize("size", [1, 7, 500, 60_000])
def test_the_upstream_takes_an_upload_in_any_pieces(
    driver: Driver, connection: socket.socket, size: int
) -> None:
    case = Case(connections=1, body=max(size * 3, 100), direction="up")
    driver.run(an_order(driver.port, case))
    (sent,) = requests(case)
    for place in range(0, len(sent), size):
        connection.sendall(sent[place : place + size])
    assert received(connection, len(answer(case))) == answer(case)
    assert len(answer(case).partition(b"\r\n\r\n")[2]) == UPLOAD_ANSWER


def test_the_upstream_refuses_an_upload_without_a_length(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert received(connection, 1000).startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert connection.recv(1) == b""


def test_the_upstream_hangs_up_on_more_than_was_announced(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nab")
    assert connection.recv(1) == b""
