"""Two answers made by hand, and what their comparison says."""

from typing import Any

from hypothesis import settings

from proxy.parity.answer import Answer, Question
from proxy.parity.compare import DEFAULT, Outcome, compare
from proxy.parity.config import ParityConfig

AT = 1795176000.0
"""2026-11-20 12:00:00 UTC."""
HTML = "text/html; charset=utf-8"
QUICK = settings(deadline=None, max_examples=60)
"""For property tests; a machine at work is slow at times."""


def asked(target: str = "/a/", method: str = "GET") -> Question:
    return Question(method, target, "www.example.org", AT)


def answer(
    body: str | bytes = b"", content_type: str = HTML, *fields: tuple[str, str], status: int = 200
) -> Answer:
    pairs = [("Content-Type", content_type), *fields]
    headers = tuple((name.encode(), value.encode("latin-1")) for name, value in pairs)
    return Answer(status, headers, body.encode() if isinstance(body, str) else body)


def outcome(
    control: str | bytes,
    candidate: str | bytes,
    content_type: str = HTML,
    config: ParityConfig = DEFAULT,
) -> Outcome:
    return compare(asked(), answer(control, content_type), answer(candidate, content_type), config)


def found(result: Outcome) -> list[tuple[str, str]]:
    """Field paths and kinds."""
    return [(one.path, str(one.kind)) for one in result.differences]


def page(body: str) -> str:
    return f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>"


def pages(control: str, candidate: str, **config: Any) -> Outcome:
    return outcome(page(control), page(candidate), config=ParityConfig(**config))


def fields(*pairs: tuple[str, str]) -> Answer:
    return answer(b"", "text/html", *pairs)
