"""The listening sockets: shared by workers, refused to others, silenced before the end."""

import errno
import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from proxy.settings import SettingsError
from proxy.supervisor import listening
from proxy.supervisor.listening import allow_many_connections, listen, turn_newcomers_away
from tests.proxy.supervisor.conftest import needs_filter, needs_linux


@contextmanager
def opened(host: str, port: int, workers: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(one) for one in listen(host, port, workers)]


@needs_linux
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_socket_for_each_worker_on_one_address(host: str) -> None:
    with opened(host, 0, 3) as sockets:
        assert len({one.fileno() for one in sockets}) == 3
        (address,) = {one.getsockname() for one in sockets}
        assert address[0] == host
        assert not any(one.getblocking() for one in sockets)
        with ExitStack() as stack:
            for _ in range(64):
                stack.enter_context(socket.create_connection(address[:2]))
            accepted = [stack.enter_context(one.accept()[0]) for one in sockets]
            nodelay = [one.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for one in accepted]
            assert nodelay == [1, 1, 1]


def test_one_for_all_where_the_kernel_does_not_divide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SHARED_OUT", False)
    with opened("127.0.0.1", 0, 3) as sockets:
        (one,) = sockets
        with socket.create_connection(one.getsockname()):
            one.accept()[0].close()


def test_an_address_of_ours_is_in_use_too() -> None:
    """SO_REUSEPORT would let a second proxy of the same user take half of the connections."""
    with opened("127.0.0.1", 0, 1) as sockets:
        port = sockets[0].getsockname()[1]
        with pytest.raises(SettingsError) as refused:
            listen("127.0.0.1", port, 1)
    assert str(refused.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use — "
        "choose another with --port, or stop what uses it"
    )


def test_an_address_can_be_taken_again_at_once() -> None:
    with opened("127.0.0.1", 0, 2) as sockets:
        port = sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            for one in sockets:
                try:
                    one.accept()[
                        0
                    ].close()  # our side closes first, so it keeps the port for a while
                except BlockingIOError:
                    continue
    with opened("127.0.0.1", port, 2) as again:
        assert {one.getsockname()[1] for one in again} == {port}


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_an_address_that_is_not_ours_names_the_host(host: str) -> None:
    with pytest.raises(SettingsError, match=r"— choose another with --host$") as refused:
        listen(host, 8000, 1)
    assert str(refused.value).startswith(f"cannot listen on {host}:8000: ")


def test_a_failure_later_on_closes_what_was_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[socket.socket] = []

    def scarce(one: socket.socket, host: str, port: int) -> None:
        seen.append(one)
        if len(seen) > 1:
            raise OSError(errno.ENOBUFS, "No buffer space available")
        one.bind((host, port))

    monkeypatch.setattr(listening, "SHARED_OUT", True)
    monkeypatch.setattr(listening, "_listen_on", scarce)
    with pytest.raises(SettingsError, match="No buffer space available"):
        listen("127.0.0.1", 0, 2)
    assert [one.fileno() for one in seen] == [-1, -1]


def test_as_many_descriptors_as_there_may_be() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1] - 1, before[1]))
    allow_many_connections()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (before[1], before[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@needs_filter
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_those_that_wait_are_served_and_newcomers_are_not(host: str) -> None:
    with opened(host, 0, 2) as sockets, ExitStack() as stack:
        address = sockets[0].getsockname()[:2]
        clients = [stack.enter_context(socket.create_connection(address)) for _ in range(8)]
        turn_newcomers_away(sockets)
        with pytest.raises(TimeoutError):
            socket.create_connection(address, timeout=0.02)

        accepted = [stack.enter_context(connection) for connection in waiting(sockets)]
        assert len(accepted) == 8
        for one in sockets:
            one.close()
        for connection in accepted:
            connection.sendall(b"answer")
        assert [client.recv(16) for client in clients] == [b"answer"] * 8


def waiting(sockets: list[socket.socket]) -> Iterator[socket.socket]:
    for one in sockets:
        while True:
            try:
                yield one.accept()[0]
            except BlockingIOError:
                break
