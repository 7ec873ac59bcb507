"""The listening sockets: opened before the workers start, and silenced before they end."""

import ctypes
import errno
import resource
import socket
import struct
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from types import MappingProxyType

from proxy.settings import SettingsError

BACKLOG = 4096

SHARED_OUT = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")
"""Whether the kernel divides connections among sockets on one address. Others have the option
too, but give all connections to the socket bound last."""

_SO_ATTACH_FILTER = 26
_ONLY_SYN_IS_DROPPED = b"".join(
    struct.pack("HBBI", code, if_true, if_false, operand)
    for code, if_true, if_false, operand in (
        (0x30, 0, 0, 13),  # load octet 13 of the TCP header: the flags
        (0x45, 0, 1, 0x02),  # is SYN among them?
        (0x06, 0, 0, 0),  # then keep nothing of the segment
        (0x06, 0, 0, 0xFFFFFFFF),  # else all of it
    )
)
"""A classic BPF program (linux/filter.h), as four `struct sock_filter`."""

_REMEDIES: Mapping[int | None, str] = MappingProxyType(
    {
        errno.EADDRINUSE: "choose another with --port, or stop what uses it",
        errno.EACCES: "choose a port above 1023 with --port, or allow this user to bind it",
    }
)


def listen(host: str, port: int, workers: int) -> list[socket.socket]:
    """A socket per worker on one address, listening and non-blocking; or one socket for all.

    With `port` 0 the kernel chooses one for all of them. Raises `SettingsError` where the address
    cannot be had.
    """
    try:
        _claim(host, port)
        with ExitStack() as opened:
            sockets: list[socket.socket] = []
            for _ in range(workers if SHARED_OUT else 1):
                one = opened.enter_context(_socket(host))
                _listen_on(one, host, port)
                port = one.getsockname()[1]
                sockets.append(one)
            opened.pop_all()
            return sockets
    except OSError as error:
        remedy = _REMEDIES.get(error.errno, "choose another with --host")
        reason = f"cannot listen on {host}:{port}: {error.strerror} — {remedy}"
        raise SettingsError(reason) from None


def check_free(host: str, port: int) -> None:
    """Raise `SettingsError` where the address cannot be had."""
    for one in listen(host, port, 1):
        one.close()


def turn_newcomers_away(sockets: Iterable[socket.socket]) -> None:
    """Ignore new connections from now on, in every process that holds one of these sockets.

    A connection that is complete when its listening socket closes, but not accepted yet, is reset.
    Without newcomers what waits can be accepted to the last. Those ignored try again a second later
    and are then refused, or served by whoever listens by then. Does nothing outside of Linux.
    Raises `PermissionError` where the kernel wants CAP_NET_ADMIN for it, as newer ones do.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(_ONLY_SYN_IS_DROPPED)
    length = len(_ONLY_SYN_IS_DROPPED) // struct.calcsize("HBBI")
    for one in sockets:
        one.setsockopt(
            socket.SOL_SOCKET,
            _SO_ATTACH_FILTER,
            struct.pack("HP", length, ctypes.addressof(program)),
        )


def allow_many_connections() -> None:
    """Let this process and its workers have as many descriptors as the system grants us.

    The limit that most systems start programs with, 1024, is for programs that use select().
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited" and grants less
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _claim(host: str, port: int) -> None:
    """Raise `OSError` where somebody listens: SO_REUSEPORT alone would share with our own user."""
    with _socket(host) as probe:
        probe.bind((host, port))


def _listen_on(one: socket.socket, host: str, port: int) -> None:
    if SHARED_OUT:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # Accepted sockets inherit it, which saves a system call for each.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.bind((host, port))
    one.listen(BACKLOG)
    one.setblocking(False)


def _socket(host: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    one = socket.socket(family, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return one
