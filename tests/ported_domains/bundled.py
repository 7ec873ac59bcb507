"""The bundled legacy site and the native side over the same rows, asked the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import lxml.html
from lxml import etree

from tests.ported_domains.wire import NativeSite, Reply, ask

CONTRACT = (
    *("content-type", "location", "allow", "vary", "cache-control", "last-modified"),
    *("surrogate-key", "content-security-policy-report-only", "x-frame-options"),
)


@dataclass(frozen=True, slots=True)
class BundledSides:
    """`cookies` are those of each role."""

    legacy: str
    native: NativeSite
    cookies: Mapping[str, str]

    async def ask(self, method: str, target: str, role: str = "anonymous") -> tuple[Reply, Reply]:
        """Legacy and native answer."""
        cookie = {"Cookie": self.cookies[role]} if role in self.cookies else {}
        legacy = await ask(self.legacy, method, target, **cookie)
        return legacy, await ask(self.native.url, method, target, **cookie)


def seen(reply: Reply) -> dict[str, Any]:
    """What of an answer both sides must have in common."""
    headers = {name: reply.headers.get(name) for name in CONTRACT}
    return {"status": reply.status, "body": content(reply)} | headers


def content(reply: Reply) -> object:
    if not reply.body:
        return None
    if reply.headers["content-type"].startswith("text/html"):
        return dom(lxml.html.document_fromstring(reply.body))
    return etree.canonicalize(etree.fromstring(reply.body))


def dom(element: Any) -> object:
    """Tags, attributes and text; white space counts as one blank."""
    children = [(dom(child), words(child.tail)) for child in element]
    return element.tag, dict(element.attrib), words(element.text), children


def words(text: str | None) -> str:
    return " ".join((text or "").split())
