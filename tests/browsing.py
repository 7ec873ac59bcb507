"""Somebody at a browser without scripts: pages of forms, as they stand, filled in and sent."""

import httpx
from lxml import html


def text_of(element: html.HtmlElement) -> str:
    return "".join(map(str, element.itertext())).strip()


class Browser:
    """Somebody who follows forms, but no redirects."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def form(self, path: str) -> tuple[str, dict[str, str]]:
        """Where the first form of the page leads, and the values that it has."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.headers.get("Location")
        form, *_ = html.fromstring(answer.text).cssselect("#content form")
        assert isinstance(form, html.FormElement)
        fields = {str(name): str(value) for name, value in form.form_values()}
        return str(form.action or path), fields

    def submit(self, path: str, **values: str) -> httpx.Response:
        action, fields = self.form(path)
        return self.client.post(action, data={**fields, **values})

    def log_in(self, login: str, password: str, **values: str) -> httpx.Response:
        return self.submit("/accounts/login/", login=login, password=password, **values)

    def who(self) -> str | None:
        """Whom the header of every page names."""
        page = html.fromstring(self.get("/authenticated").text)
        names = [text_of(item) for item in page.cssselect("li:has(.visually-hidden)")]
        return names[0].removeprefix("Signed in as ") if names else None

    def messages(self, path: str = "/authenticated") -> list[tuple[str, str]]:
        """Class and text of what the next page tells."""
        page = html.fromstring(self.get(path).text)
        return [
            (str(item.get("class")), text_of(item)) for item in page.cssselect("ul.messages li")
        ]


def errors(answer: httpx.Response) -> dict[str, list[str]]:
    """Of a form that was shown again: field to messages, "" for those of the whole form."""
    page = html.fromstring(answer.text)
    return {
        str(listed.get("id", "")).removeprefix("id_").removesuffix("_error"): [
            text_of(item) for item in listed.cssselect("li")
        ]
        for listed in page.cssselect("ul.errorlist")
    }
