"""Waiting in a function that cannot await: within a greenlet of SQLAlchemy's."""

from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy.util import await_only

T = TypeVar("T")


def waited(awaitable: Awaitable[T]) -> T:
    """What `awaitable` gives. Only within `Rendering.run` or a session's `run_sync`."""
    return await_only(awaitable)
