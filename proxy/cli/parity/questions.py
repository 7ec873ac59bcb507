"""What to ask both sides: requests read from files that people, tests or the proxy wrote.

A line is a path (`/downloads/?page=2`), a method and a path (`HEAD /downloads/`), or a JSON object:
`path` or `url`, and if need be `method`, `headers` and `body`; recorded answers (with `as`) and the
proxy's access log (with `event`) have that form too. Empty lines and those with # are left out.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from proxy.ownership.phases import SAFE_METHODS

_LINE = re.compile(r"(?:(?P<method>[A-Za-z]+)\s+)?(?P<target>(?:/|https?://)\S*)")
_AS_IS = "".join(map(chr, range(0x21, 0x7F)))
ANONYMOUS = "anonymous"
CUT = "…"


class QuestionError(Exception):
    """A file, or a line of it, that cannot be read; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `target` is path and query; headers beyond those that every request has."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def safe(self) -> bool:
        return self.method in SAFE_METHODS

    @property
    def path(self) -> bytes:
        return self.target.partition("?")[0].encode("ascii", "replace")


@dataclass(slots=True)
class Questions:
    """`asks` each once, in order of the file; `left_out` counts, by reason, what is not asked."""

    asks: list[Ask]
    left_out: Counter[str]


def read_questions(file: Path) -> Questions:
    """Raises `QuestionError`."""
    return _collected(_parsed(number, line, file) for number, line in _lines(file))


def read_recorded(file: Path) -> Questions:
    """From the proxy's access log; other lines in it are passed over. It has no queries."""
    return _collected(_logged(line) for _, line in _lines(file))


Found = Ask | str | None
"""A question, why there is none, or nothing to tell of."""


def _collected(found: Iterable[Found]) -> Questions:
    asks: dict[Ask, None] = {}
    left_out: Counter[str] = Counter()
    for one in found:
        if isinstance(one, Ask):
            asks[one] = None
        elif one is not None:
            left_out[one] += 1
    return Questions(list(asks), left_out)


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with file.open(encoding="utf-8") as lines:
            yield from enumerate(lines, start=1)
    except OSError as error:
        raise QuestionError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise QuestionError(f"{file}: is not UTF-8 text") from None


def _parsed(number: int, line: str, file: Path) -> Found:
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    if line.startswith("{"):
        try:
            return _from_json(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise QuestionError(
                f"{file}:{number}: is no JSON object with a path — "
                'write {"path": "/…", "method": "GET", "headers": {"Accept": "…"}}'
            ) from None
    found = _LINE.fullmatch(line)
    if found is None:
        raise QuestionError(
            f"{file}:{number}: {line[:60]!r} is no path — write /path?query, or GET /path"
        )
    return Ask((found["method"] or "GET").upper(), _target(found["target"]))


def _from_json(one: dict[str, Any]) -> Found:
    if one.get("as", ANONYMOUS) != ANONYMOUS:
        return "asked by somebody who is signed in: give --header 'Cookie: …' and leave out \"as\""
    headers = one.get("headers") if "status" not in one else None  # those of a recorded answer
    return Ask(
        str(one.get("method", "GET")).upper(),
        _target(str(one["path"] if "path" in one else one["url"])),
        tuple((str(name), str(value)) for name, value in (headers or {}).items()),
        str(one.get("body", "")).encode(),
    )


def _logged(line: str) -> Found:
    try:
        one = json.loads(line)
    except ValueError:
        return None
    if not isinstance(one, dict) or one.get("event") != "request":
        return None
    method, path = str(one.get("method")), str(one.get("path"))
    if method.endswith(CUT) or path.endswith(CUT) or not path.startswith("/"):
        return "too long to have been logged whole"
    if method not in SAFE_METHODS:
        return "not a safe method: the log has no bodies"
    return Ask(method, quote(path.encode("latin-1", "replace"), safe=_AS_IS))


def _target(written: str) -> str:
    """Path and query of a path or a whole URL, as a browser would send them."""
    parts = urlsplit(written) if not written.startswith("//") else None
    if parts is not None and parts.netloc:
        written = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not written.startswith("/"):
        raise ValueError(written)
    return quote(written.partition("#")[0], safe=_AS_IS)
