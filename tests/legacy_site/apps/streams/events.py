"""Server-sent events with a pause after each, which a clock ends or whoever watches.

An acknowledgement may reach another process than the one that sends the events: the database
carries it there.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import UUID

from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

EVENTS = 5
PAUSE_SECONDS = 1
PATIENCE_SECONDS = 10
"""How long one acknowledgement may take. Less than what a proxy in front waits for a silent site,
so that a stream which nobody sees ends with a word of ours."""
CHANNEL = "streams"


@require_GET
def timed(request):
    """Five events, a second after each."""

    def pause(number: int) -> bool:
        time.sleep(PAUSE_SECONDS)
        return True

    return _stream(_numbered(pause))


@require_GET
def acknowledged(request, key: UUID):
    """Five events, the next one sent only after `POST …/ack?n=` has named the one before."""
    return _stream(_while_listening(key))


@csrf_exempt
@require_POST
def acknowledge(request, key: UUID):
    with connection.cursor() as cursor:
        number = request.GET.get("n", "")
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, f"{key} {number}"])
    return HttpResponse(status=204)


def _stream(events: Iterator[str]) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(events, content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    return answer


def _while_listening(key: UUID) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {CHANNEL}")
        try:
            yield from _numbered(lambda number: _named(f"{key} {number}"))
        finally:
            cursor.execute(f"UNLISTEN {CHANNEL}")


def _numbered(go_on: Callable[[int], bool]) -> Iterator[str]:
    for number in range(1, EVENTS + 1):
        yield f"id: {number}\ndata: event {number} of {EVENTS}\n\n"
        if not go_on(number):
            yield f": nobody acknowledged {number}\n\n"
            return
    # A browser connects anew when a stream ends, unless it is told that this was all.
    yield "event: end\ndata: that was all\n\n"


def _named(wanted: str) -> bool:
    with closing(connection.connection.notifies(timeout=PATIENCE_SECONDS)) as heard:
        return any(notice.payload == wanted for notice in heard)
