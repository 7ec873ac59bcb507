"""A WebSocket that sends back what it gets, on the connection that gunicorn has accepted."""

import re
from contextlib import suppress

from django.http import HttpResponse
from django.views.decorators.http import require_GET
from simple_websocket import ConnectionClosed, Server

PIECE = 64 * 1024
LARGEST_MESSAGE = 16 * 1024 * 1024
PING_SECONDS = 25
CLOSING_SECONDS = 5
_CLOSE = re.compile(r"close (?P<code>\d{4}) (?P<reason>.+)")


class Spent(HttpResponse):
    """The end of a connection that carried something else than HTTP: nothing is written."""

    def __iter__(self):
        # What gunicorn takes for "close this connection", when it begins to write the answer.
        raise StopIteration


@require_GET
def echo(request):
    """The text `close 4002 enough` is not sent back: it closes with this code and reason."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        # RFC 9110, 15.5.22: such an answer names the protocol. gunicorn lets these two pass.
        headers = {"Upgrade": "websocket", "Connection": "upgrade", "Content-Type": "text/plain"}
        return HttpResponse("This is a WebSocket.\n", status=426, headers=headers)
    socket = Server.accept(
        request.environ,
        receive_bytes=PIECE,
        max_message_size=LARGEST_MESSAGE,
        ping_interval=PING_SECONDS,
    )
    with suppress(ConnectionClosed):
        _answer_until_closed(socket)
    # Its thread writes the closing frame after it has woken us, and closes the socket itself.
    socket.thread.join(CLOSING_SECONDS)
    return Spent()


def _answer_until_closed(socket: Server) -> None:
    while True:
        message = socket.receive()
        asked = _CLOSE.fullmatch(message) if isinstance(message, str) else None
        if asked:
            socket.close(int(asked["code"]), asked["reason"])
            return
        socket.send(message)
