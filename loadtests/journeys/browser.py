"""Most visitors: they come by a search engine or a bookmark, and follow links."""

import random

from locust import task

from loadtests.journeys.links import kind, links
from loadtests.journeys.visitor import Page, Visitor

ENTRIES = {
    "/": 4,
    "/downloads/": 10,
    "/downloads/latest/": 2,
    "/about/": 1,
    "/downloads/source/": 2,
}
"""Where they come in, and how often: who looks for Python looks for downloads."""
PAGES = (2, 6)
FOUND = (301, 302)


class Browser(Visitor):
    """Looks at a few pages."""

    weight = 60
    journey = "browse"

    @task
    def look_around(self) -> None:
        self.begin()
        entries, weights = zip(*ENTRIES.items(), strict=True)
        (path,) = random.choices(entries, weights)  # noqa: S311
        for _ in range(random.randint(*PAGES)):  # noqa: S311
            path, page = self._open(path)
            onward = links(page.text, path)
            if not onward:
                break
            path = random.choice(onward)  # noqa: S311
            self.think()
        self.complete()

    def _open(self, path: str) -> tuple[str, Page]:
        """A page, where it leads elsewhere that one; and its path."""
        page = self._read(path, (200, *FOUND))
        if page.status in FOUND:
            path = page.location
            page = self._read(path, 200)
        return path, page

    def _read(self, path: str, expected: int | tuple[int, ...]) -> Page:
        return self.read(path, kind(path.partition("?")[0]), expected=expected)
