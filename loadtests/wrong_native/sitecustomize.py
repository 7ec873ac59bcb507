"""On PYTHONPATH of a proxy whose native side is made wrong on purpose (loadtests/wrong.py).

Python imports this before anything else. When the native side is there, it is put behind something
that reads the file that WRONG_NATIVE names, anew for each request, and does what it says:
{"path": …, "every": 50, "status": 203, "header": [name, value], "body": [old, new],
 "seconds": 0.5, "raise": true}, for paths that begin with `path`; nothing where it is empty.
"""

import asyncio
import json
import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

MODULE = "proxy.native"
FILE = Path(os.environ.get("WRONG_NATIVE", os.devnull))


class Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Any, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == MODULE else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_change(module: ModuleType) -> None:
            execute(module)
            names = vars(module)
            made = names["native_application"]
            names["native_application"] = lambda *a, **k: Wrong(made(*a, **k))

        spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


class Wrong:
    def __init__(self, app: Any) -> None:
        self._app = app
        self._numbers = count(1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        fault = json.loads(FILE.read_text() or "{}")  # noqa: ASYNC240  # a file in memory, tiny
        ours = scope["type"] == "http" and fault and scope["path"].startswith(fault["path"])
        if not ours or next(self._numbers) % fault.get("every", 1):
            await self._app(scope, receive, send)
            return
        if fault.get("raise"):
            raise RuntimeError("made wrong on purpose")
        await asyncio.sleep(fault.get("seconds", 0))
        start: dict[str, Any] = {}
        body = bytearray()

        async def keep(message: Any) -> None:
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
            body[:] = body.replace(old, new)
        await send(start)
        await send({"type": "http.response.body", "body": bytes(body), "more_body": False})


sys.meta_path.insert(0, Finder())
