"""Whoever wants an account: one slip in the form, then the right one."""

from uuid import uuid4

from locust import task

from loadtests.journeys.visitor import Visitor

SIGN_UP = "/accounts/signup/"
SENT = "/accounts/confirm-email/"
PASSWORD = "chosen-under-load-1"  # noqa: S105 - of accounts that nobody confirms


class Newcomer(Visitor):
    """Leaves an account behind that waits for its address to be confirmed."""

    weight = 4
    journey = "form"

    @task
    def sign_up(self) -> None:
        self.begin()
        name = f"load-{uuid4().hex[:12]}"
        values = {
            "username": name,
            "email": f"{name}@example.org",
            "password1": PASSWORD,
            "password2": f"{PASSWORD}2",
        }
        page = self.read(SIGN_UP, comparable=False)  # a trap for robots, in either side's own words
        self.think()
        step = f"{SIGN_UP} with an error"
        page = self.fill(page, "password2", SIGN_UP, step, values=values, holds="errorlist")
        self.think()
        values["password2"] = PASSWORD
        self.fill(page, "password2", SIGN_UP, values=values, expected=302, leads=SENT)
        self.read(SENT, comparable=False)  # it shows a message, once
        self.complete()
