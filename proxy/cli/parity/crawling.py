"""What a visitor could ask for who follows links: pages of the legacy site, from `/` on."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from proxy.cli.parity.questions import Ask, Questions
from proxy.cli.parity.sides import Given, Side, SideError
from proxy.parity.answer import ContentType

QUERIES = 3
"""Of one path that are asked, so that pages of filters and calendars do not take all."""
VISITED = 4
"""Pages looked at for links, for each one that is asked for."""
LONGEST = 2000
_SOURCES = {"a": "href", "area": "href", "link": "href", "form": "action", "iframe": "src"}

Wanted = Callable[[Ask], bool]


async def crawl(side: Side, starts: Iterable[str], wanted: Wanted, number: int) -> Questions:
    """At most `number` questions that are wanted, in the order in which they were found.

    Other pages are only read for their links. Raises `SideError` where not one page can be read.
    """
    crawling = _Crawl(wanted, number)
    crawling.found(starts)
    fault: SideError | None = None
    while batch := crawling.next_batch():
        answers = await asyncio.gather(*map(side.ask, batch), return_exceptions=True)
        for ask, given in zip(batch, answers, strict=True):
            if isinstance(given, SideError):
                fault = given
            elif isinstance(given, BaseException):
                raise given
            else:
                crawling.read(ask, given)
    if fault is not None and not crawling.pages:
        raise fault
    return Questions(crawling.asks[:number], Counter())


class _Crawl:
    def __init__(self, wanted: Wanted, number: int) -> None:
        self._wanted = wanted
        self._number = number
        self._waiting: deque[Ask] = deque()
        self._seen: set[str] = set()
        self._queries: Counter[str] = Counter()
        self._visits = 0
        self.pages = 0
        self.asks: list[Ask] = []

    def found(self, targets: Iterable[str]) -> None:
        """Wanted pages are looked at first: their links are the likeliest to be wanted, too."""
        for target in targets:
            path, _, query = target.partition("?")
            if target in self._seen or (query and self._queries[path] >= QUERIES):
                continue
            self._seen.add(target)
            self._queries[path] += bool(query)
            ask = Ask("GET", target)
            if self._wanted(ask):
                self.asks.append(ask)
                self._waiting.appendleft(ask)
            else:
                self._waiting.append(ask)

    def next_batch(self) -> list[Ask]:
        if len(self.asks) >= self._number or self._visits >= self._number * VISITED:
            return []
        batch = [self._waiting.popleft() for _ in range(min(8, len(self._waiting)))]
        self._visits += len(batch)
        return batch

    def read(self, ask: Ask, given: Given) -> None:
        self.pages += 1
        answer = given.answer
        if location := answer.field("location"):
            self.found(_here(ask.target, [location]))
        elif ContentType.of(answer).media == "text/html":
            self.found(_here(ask.target, links(answer.body)))


def links(page: bytes) -> Iterator[str]:
    """Where a page leads, as written in it. Forms that post are left out."""
    with suppress(etree.LxmlError, ValueError, AssertionError):
        for element in html.document_fromstring(page).iter(*_SOURCES):
            posts = element.tag == "form" and str(element.get("method", "get")).lower() != "get"
            written = element.get(_SOURCES[str(element.tag)])
            if written and not posts:
                yield str(written)


def _here(base: str, written: Iterable[str]) -> Iterator[str]:
    """Path and query of those that stay on the site."""
    for one in written:
        with suppress(ValueError):
            parts = urlsplit(urljoin(f"http://here.invalid{base}", one.strip()))
            if parts.netloc == "here.invalid" and parts.scheme == "http" and len(one) < LONGEST:
                target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                if target.isascii() and target.isprintable() and " " not in target:
                    yield target
