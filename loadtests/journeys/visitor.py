"""Whoever visits the site: asks one thing after the other, thinks, and knows the right answers."""

import random
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from locust import FastHttpUser
from locust.exception import RescheduleTask, StopUser

from loadtests.journeys.load import Load, load_of
from loadtests.journeys.parity import Asked, Told, raw
from proxy.demo.forms import read_form
from proxy.parity.answer import Answer, Question

PATIENCE = 30.0
"""Seconds for which a visitor waits for an answer."""
FORM = "application/x-www-form-urlencoded"
SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that was as it had to be. `headers` by lower-case name, the last of each."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        """Path and query of where it leads."""
        parts = urlsplit(self.headers.get("location", ""))
        return parts.path + (f"?{parts.query}" if parts.query else "")


class Visitor(FastHttpUser):
    """`thinks`: between two pages, so many seconds. Each journey is that of a new visitor."""

    abstract = True
    journey = ""
    thinks = (1.0, 5.0)
    network_timeout = connection_timeout = PATIENCE

    def wait_time(self) -> float:
        """Between two journeys nobody waits: each begins with a thought of its own."""
        return 0.0

    def begin(self) -> None:
        """Whoever comes now has no cookies. Once the load is over nobody comes any more."""
        self.client.cookiejar.clear()
        self.think()
        if self._load.over.is_set():
            raise StopUser

    def complete(self) -> None:
        self._load.seen.figures.complete(self.journey)

    def think(self) -> None:
        """Once the load is over all hurry to the end of their journeys."""
        self._load.over.wait(random.uniform(*self.thinks) * self._load.options.think)  # noqa: S311

    def read(self, path: str, step: str = "", **how: Any) -> Page:
        """GET a page; `step` names it where its path is one of many."""
        return self.ask("GET", path, step or path, **how)

    def fill(self, page: Page, field: str, path: str, step: str = "", **how: Any) -> Page:
        """Send the page's form that has this field, with `values` in it."""
        values: dict[str, str] = how.pop("values")
        try:
            sent = read_form(page.text, field).filled(**values)
        except LookupError as error:
            self._note_failure(step or path, str(error))
            raise RescheduleTask from None
        headers = {"Content-Type": FORM, "Referer": f"{self.host}{path}"}
        body = urlencode(sent, doseq=True)
        return self.ask("POST", path, step or path, body=body, headers=headers, **how)

    def ask(
        self,
        method: str,
        path: str,
        step: str,
        *,
        expected: int | Collection[int] = 200,
        holds: str = "",
        leads: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        comparable: bool = True,
        otherwise: str = "",
    ) -> Page:
        """`holds` is a text of the page, `leads` the path that it has to lead to. Any other answer
        is a failure, told with `otherwise`, and ends the journey. `comparable`: the other side
        would answer the same at this moment."""
        compared = method in SAFE and comparable and self._load.comparing.chosen()
        sent = dict(headers or {})
        if compared:  # compared are the octets as they came
            sent["Accept-Encoding"] = "identity"
        kept = {**sent, **self._cookies()}
        at = time.time()
        with self.client.request(
            method,
            path,
            name=f"{self.journey}: {method} {step}",
            data=body,
            headers=sent,
            allow_redirects=False,
            catch_response=True,
        ) as response:
            page = _page(response)
            fault = _fault(page, expected, holds, leads)
            if fault:
                response.failure(f"{fault} {otherwise}".strip())
            else:
                response.success()
        if fault:
            raise RescheduleTask
        domain = page.headers.get("strangler-domain")
        if compared and domain is not None:
            question = Question(method, path, urlsplit(str(self.host)).netloc, at)
            answer = Answer(page.status, raw(list(response.headers.items())), response.content)
            told = Told(answer, page.headers.get("strangler-owner", "nobody"))
            asked = Asked(domain, f"{method} {step}", question, tuple(kept.items()), told)
            self._load.comparing.check(asked)
        return page

    @property
    def _load(self) -> Load:
        return load_of(self.environment)

    def _cookies(self) -> dict[str, str]:
        pairs = [f"{one.name}={one.value}" for one in self.client.cookiejar]
        return {"Cookie": "; ".join(pairs)} if pairs else {}

    def _note_failure(self, step: str, reason: str) -> None:
        """Of a page that came and is of no use."""
        self.environment.events.request.fire(
            request_type="POST",
            name=f"{self.journey}: POST {step}",
            response_time=0.0,
            response_length=0,
            response=None,
            context={},
            exception=ValueError(reason),
        )


def _page(response: Any) -> Page:
    headers = response.headers.items() if response.headers is not None else ()
    return Page(
        response.status_code,
        {name.lower(): value for name, value in headers},
        response.text or "",
    )


def _fault(page: Page, expected: int | Collection[int], holds: str, leads: str | None) -> str:
    """Empty where the answer is what it had to be."""
    if page.status == 0:
        return "was not answered"
    if page.status not in ((expected,) if isinstance(expected, int) else expected):
        return f"answered {page.status}"
    if holds not in page.text:
        return f"the page has no {holds!r}"
    if leads is not None and page.location != leads:
        return f"leads to {page.location!r}, not to {leads!r}"
    return ""
