"""Programs that keep a copy of the releases: installers, mirrors, version managers."""

import json
import random

from locust import task

from loadtests.journeys.visitor import Page, Visitor

V1, V2 = "/api/v1/downloads", "/api/v2/downloads"
FEED = "/downloads/feed.rss"
KEEPER = "/static/css/site.css"
VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class ApiClient(Visitor):
    """Asks both versions of the API, and again whether what it has is still good."""

    weight = 25
    journey = "api"
    thinks = (0.5, 2.0)

    @task(3)
    def read_v2(self) -> None:
        self.begin()
        releases = json.loads(self.read(f"{V2}/release/", holds="[").text)
        self.think()
        one = random.choice(releases)  # noqa: S311
        number = one["resource_uri"].rstrip("/").rpartition("/")[2]
        self.read(f"{V2}/release/{number}/", f"{V2}/release/[id]/", holds=one["slug"])
        self.think()
        files = f"{V2}/release_file/?release={number}"
        self.read(files, f"{V2}/release_file/?release=[id]", holds="[")
        self.complete()

    @task(2)
    def read_v1(self) -> None:
        self.begin()
        listed = json.loads(self.read(f"{V1}/release/?limit=5", holds='"objects"').text)
        self.think()
        one = random.choice(listed["objects"])  # noqa: S311
        number = one["resource_uri"].rstrip("/").rpartition("/")[2]
        self.read(f"{V1}/release/{number}/", f"{V1}/release/[id]/", holds=one["slug"])
        self.think()
        self.read(f"{V1}/os/", holds='"meta"')
        self.complete()

    @task(2)
    def follow_the_feed(self) -> None:
        """With the validators of what it has; a side that knows none sends all of it again."""
        self.begin()
        for path in (FEED, KEEPER):
            kept = self.read(path)
            self.think()
            again = _conditions(kept)
            self.read(path, f"{path} again", headers=again, expected=(200, 304))
            self.think()
        self.complete()


def _conditions(page: Page) -> dict[str, str]:
    return {asks: page.headers[name] for name, asks in VALIDATORS.items() if name in page.headers}
