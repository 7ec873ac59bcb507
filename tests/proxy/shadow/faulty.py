"""The shadow process of `strangler serve`, around whose native side a test puts faults.

`python -m tests.proxy.shadow.faulty FILE`: the file, JSON, is read anew for every request:
{"path": …, "status": 418, "header": [name, value], "body": [old, new], "every": 50, "raise": true}

`"request": [old, new]` changes what is asked, so that another thing is written.
`{"itself": URL}`: the legacy site at this URL answers in the native side's stead.
`{"absent": true}`: whoever is started meanwhile is not there yet.
"""

import json
import sys
import time
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from proxy.server.asgi import Application, Message, Receive, Scope, Send
from proxy.shadow.starting import main


class Faulty:
    def __init__(self, file: Path, app: Application) -> None:
        self._file = file
        self._app = app
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault: dict[str, Any] = json.loads(self._file.read_text())
        if "itself" in fault:
            await itself(fault["itself"], scope, send)
            return
        hit = fault.get("path") == scope["path"] and not next(self._numbers) % fault.get("every", 1)
        if not hit:
            await self._app(scope, receive, send)
            return
        if fault.get("raise"):
            raise RuntimeError("made wrong on purpose")
        if "request" in fault:
            receive = otherwise(receive, *(part.encode() for part in fault["request"]))
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.extend(message.get("body", b""))

        await self._app(scope, receive, keep)
        start["status"] = fault.get("status", start["status"])
        if "header" in fault:
            name, value = (part.encode() for part in fault["header"])
            kept = [pair for pair in start["headers"] if pair[0].lower() != name]
            start["headers"] = [*kept, (name, value)]
        if "body" in fault:
            old, new = (part.encode() for part in fault["body"])
            assert old in body
            body[:] = body.replace(old, new)
        await send(start)
        await send({"type": "http.response.body", "body": bytes(body), "more_body": False})


def otherwise(receive: Receive, old: bytes, new: bytes) -> Receive:
    async def changed() -> Message:
        message = await receive()
        if message.get("body"):
            assert old in message["body"]
            message["body"] = message["body"].replace(old, new)
        return message

    return changed


async def itself(url: str, scope: Scope, send: Send) -> None:
    headers = [pair for pair in scope["headers"] if pair[0] != b"connection"]
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    async with httpx.AsyncHTTPTransport() as transport:
        extensions = {"target": target, "timeout": httpx.Timeout(10).as_dict()}
        request = httpx.Request(scope["method"], url, headers=headers, extensions=extensions)
        answer = await transport.handle_async_request(request)
        body = b"".join([part async for part in answer.aiter_raw()])
    await send(
        {"type": "http.response.start", "status": answer.status_code, "headers": answer.headers.raw}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})


def told_to_start(file: Path) -> None:
    """Returns once the file does not say `{"absent": true}` any more."""
    while "absent" in json.loads(file.read_text()):
        time.sleep(0.05)


if __name__ == "__main__":
    told_to_start(Path(sys.argv[1]))
    # Beside a hundred other tests, whoever is the least of all is nobody.
    sys.exit(main(lambda app: Faulty(Path(sys.argv[1]), app), give_way=lambda: None))
