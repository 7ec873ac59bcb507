"""A visitor who goes from one side to the other with the same cookies, as through the proxy."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import httpx

from tests.ported_domains.users.accounts.sides import HOST, Side


@dataclass
class Visitor:
    """Keeps cookies as a browser does."""

    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, side: Side, path: str) -> httpx.Response:
        return await self._ask(side, "GET", path, None)

    async def post(self, side: Side, path: str, **form: str) -> httpx.Response:
        """With a token of the same side's form."""
        token = await self.token(side)
        return await self.submit(side, path, csrfmiddlewaretoken=token, **form)

    async def submit(self, side: Side, path: str, **form: str) -> httpx.Response:
        """A form as it is, whatever token it has."""
        return await self._ask(side, "POST", path, form)

    async def token(self, side: Side) -> str:
        token: str = (await self.told(side, "form/"))["token"]
        return token

    async def told(self, side: Side, probe: str) -> Any:
        """What a probe says; 200, or else the test fails."""
        return _json(await self.get(side, f"/probes/{probe}"))

    async def change(self, side: Side, probe: str, **form: str) -> Any:
        """What a probe says to a POST."""
        return _json(await self.post(side, f"/probes/{probe}", **form))

    async def log_in(self, side: Side, login: str, password: str, **form: str) -> httpx.Response:
        return await self.post(
            side, "/accounts/login/", login=login, password=password, remember="on", **form
        )

    async def name(self, side: Side) -> str:
        """Who the side takes this visitor for; empty for nobody."""
        name: str = (await self.told(side, "user/"))["name"]
        return name

    async def _ask(
        self, side: Side, method: str, path: str, form: Mapping[str, str] | None
    ) -> httpx.Response:
        headers = {"host": HOST}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        reply = await side.client.request(method, path, data=form, headers=headers)
        side.client.cookies.clear()
        for line in reply.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value
        return reply


def _json(reply: httpx.Response) -> Any:
    assert reply.status_code == 200, (reply.status_code, reply.text[:200])
    return json.loads(reply.text)
