"""What a worker finds in its environment, octet for octet: other programs may be workers too."""

import os
import socket

import pytest

from proxy.supervisor.handover import Handover

GIVEN = '{"index": 1, "sockets": [6, 5], "ready": 9, "lifeline": 7}'


def test_the_variable_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    handover = Handover(index=1, sockets=(6, 5), ready=9, lifeline=7)
    assert handover.as_environment() == {"STRANGLER_WORKER": GIVEN}
    assert handover.descriptors == (6, 5, 9, 7)
    monkeypatch.setenv("STRANGLER_WORKER", GIVEN)
    assert Handover.from_environment() == handover


def test_without_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRANGLER_WORKER", raising=False)
    with pytest.raises(KeyError):
        Handover.from_environment()


def test_a_worker_says_once_that_it_accepts() -> None:
    heard, ready = os.pipe()
    with open(heard, "rb") as pipe:  # noqa: PTH123  # a descriptor, not a path
        Handover(0, (), ready, -1).announce()
        assert pipe.read() == b"ready\n"


def test_a_worker_whose_supervisor_is_gone_says_it_to_nobody() -> None:
    heard, ready = os.pipe()
    os.close(heard)
    Handover(0, (), ready, -1).announce()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(ready)


def test_listeners_do_not_block() -> None:
    with socket.create_server(("127.0.0.1", 0)) as original:
        copy = os.dup(original.fileno())
        (listener,) = Handover(0, (copy,), -1, -1).listeners()
        with listener:
            assert listener.getsockname() == original.getsockname()
            with pytest.raises(BlockingIOError):
                listener.accept()
