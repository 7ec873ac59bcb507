"""How the side that did not answer the visitor is asked the same."""

from http.client import HTTPException
from urllib.parse import urlsplit

from geventhttpclient import HTTPClient

from loadtests.journeys.options import Options
from loadtests.journeys.parity import Asked, Owner, SideError, Told, raw
from proxy.parity.answer import Answer

TIMEOUT = 30.0
CONNECTIONS = 32
FAULTS = (OSError, HTTPException)


class Sides:
    """Through the host, which obeys Strangler-Force where it runs in development; or directly."""

    def __init__(self, host: str, options: Options) -> None:
        self._named = urlsplit(host).netloc
        directly = {"legacy": options.parity_legacy, "native": options.parity_native}
        self._clients = {side: _client(url or host) for side, url in directly.items()}
        self._directly = {side for side, url in directly.items() if url is not None}

    def ask(self, side: Owner, asked: Asked) -> Told:
        headers = {"Host": self._named, "Strangler-Force": side, **dict(asked.headers)}
        question = asked.question
        try:
            response = self._clients[side].request(question.method, question.target, b"", headers)
            with response:
                body = bytes(response.read())
        except FAULTS as error:
            raise SideError(f"the {side} side: {type(error).__name__}: {error}") from None
        answer = Answer(response.status_code, raw(list(response.items())), body)
        # Who is asked directly and names nobody, as Django does, is the one who was asked.
        said = answer.field("strangler-owner")
        return Told(answer, said or (side if side in self._directly else "nobody"))


def _client(url: str) -> HTTPClient:
    return HTTPClient.from_url(
        url, concurrency=CONNECTIONS, connection_timeout=TIMEOUT, network_timeout=TIMEOUT
    )
