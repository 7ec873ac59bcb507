"""Coming in with a token, and leaving."""

import secrets

from legacy_bridge.django.cookies import set_cookie
from proxy.console.asked import Answer, Asked, RefusedError, see_other
from proxy.console.pages import page
from proxy.console.recognition import Recognition, cookie_attributes

FORM_COOKIE = "strangler_console_form"
"""What the token of the login form is made for, as there is no session yet."""


class Entrance:
    def __init__(self, recognition: Recognition) -> None:
        self._recognition = recognition

    async def login(self, asked: Asked, to: str) -> Answer:
        """The form. `to` is the page that was asked for, below the prefix."""
        return self._form(asked, 200, to, None)

    async def log_in(self, asked: Asked, to: str) -> Answer:
        """There, with the cookie."""
        binding = asked.cookies.get(FORM_COOKIE, "")
        tickets = self._recognition.tickets
        given = asked.form.get("form_token", "")
        if not asked.comes_from_here or not binding or not tickets.is_form_token(given, binding):
            raise RefusedError(403, "This form was not sent from the console's own page.")
        try:
            cookie = self._recognition.enter(asked, asked.form.get("token", "").strip())
        except RefusedError as error:
            status = 403 if error.status == 401 else error.status
            return self._form(asked, status, to, error.reason)
        return see_other(to, ("set-cookie", cookie))

    async def log_out(self, asked: Asked) -> Answer:
        """The cookie is forgotten; a session of the site is the site's."""
        return see_other("login", ("set-cookie", self._recognition.leave(asked)))

    def _form(self, asked: Asked, status: int, to: str, fault: str | None) -> Answer:
        binding = asked.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
        cookie = set_cookie(FORM_COOKIE, binding, cookie_attributes(asked)).decode("latin-1")
        recognition = self._recognition
        return page(
            "login.html",
            status,
            ("set-cookie", cookie),
            fault=fault,
            to=to,
            form_token=recognition.tickets.form_token(binding),
            takes_tokens=bool(recognition.operators.tokens),
            login_url=recognition.login_url,
            users_unknown=recognition.operators.knows_users and recognition.contracts is None,
        )
