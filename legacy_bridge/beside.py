"""Something that goes on in a thread for the length of a block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


@contextmanager
def beside(work: Callable[[Event], None], name: str) -> Iterator[None]:
    """`work` is told to end when the block does, and waited for."""
    stop = Event()
    thread = Thread(target=work, args=[stop], name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
