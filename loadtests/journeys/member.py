"""Whoever has an account: logs in, looks at profile and addresses, logs out."""

from locust import task

from loadtests.journeys.visitor import Visitor

SIGN_IN, SIGN_OUT = "/accounts/login/", "/accounts/logout/"
ADDRESSES = "/accounts/email/"
HOME = "/"
HEADER = "/authenticated"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


class Member(Visitor):
    """Each form has the token of its own page, and cookies are those of a browser."""

    weight = 8
    journey = "login"

    @task
    def log_in_and_out(self) -> None:
        options = self._load.options
        name, password = options.visitor_name, options.visitor_password
        self.begin()
        page = self.read(SIGN_IN)
        self.think()
        wrong = "to the login: give --visitor-name and --visitor-password of an account there"
        values = {"login": name, "password": password}
        self.fill(page, "login", SIGN_IN, values=values, expected=302, leads=HOME, otherwise=wrong)
        self.read(HOME)  # which shows the greeting that waits in the session, once
        self.read(HEADER, holds=name)
        self.think()
        self.read(f"/users/{name}/", "/users/[name]/")
        self.think()
        self.read(ADDRESSES, holds=TOKEN, comparable=False)  # allauth's own words, and ours
        self.think()
        page = self.read(SIGN_OUT, holds=TOKEN)
        self.fill(page, TOKEN, SIGN_OUT, values={}, expected=302, leads=HOME)
        self.read(
            ADDRESSES, f"{ADDRESSES} logged out", expected=302, leads=f"{SIGN_IN}?next={ADDRESSES}"
        )
        self.complete()
