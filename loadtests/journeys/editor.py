"""Whoever keeps the releases: changes one in Django's admin and looks at what visitors see."""

import random
import re
from uuid import uuid4

from locust import task
from locust.exception import RescheduleTask

from loadtests.journeys.visitor import Page, Visitor
from proxy.demo.forms import read_form

ADMIN = "/admin/"
LOGIN = "/admin/login/?next=/admin/"
RELEASES = "/admin/downloads/release/"
CHANGE = f"{RELEASES}[id]/change/"
NOTES, TEXT = "release_notes_url", "content"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
_BEING_EDITED: set[str] = set()
"""Pages of rows; two editors in one form would undo each other's changes."""


class Editor(Visitor):
    """What it changes it puts back as it was."""

    weight = 3
    journey = "editor"

    @task
    def change_a_release(self) -> None:
        self.begin()
        self._log_in()
        listed = self.read(f"{RELEASES}?is_published__exact=1", RELEASES)
        row = self._taken(re.findall(rf"{RELEASES}\d+/change/", listed.text))
        try:
            self._edit(row)
        finally:
            _BEING_EDITED.discard(row)
        self._log_out()
        self.complete()

    def _taken(self, rows: list[str]) -> str:
        """A row that is nobody else's until it is discarded."""
        free = sorted(set(rows) - _BEING_EDITED)
        if not free:  # every one has its editor
            raise RescheduleTask
        row = random.choice(free)  # noqa: S311
        _BEING_EDITED.add(row)
        return row

    def _log_in(self) -> None:
        options = self._load.options
        values = {"username": options.editor_name, "password": options.editor_password}
        wrong = "to the login: give --editor-name and --editor-password of an editor there"
        page = self.read(LOGIN, comparable=False)
        self.fill(page, TOKEN, LOGIN, values=values, expected=302, leads=ADMIN, otherwise=wrong)

    def _edit(self, row: str) -> None:
        page = self.read(row, CHANGE)
        if not _value(page, TEXT):
            raise RescheduleTask  # an old one, which its own form would refuse
        before = _value(page, NOTES)
        public = f"/downloads/release/{_value(page, 'slug')}/"
        notes = f"https://docs.python.org/release/{uuid4().hex[:12]}/"
        self.think()
        self._save(page, row, notes)
        try:
            self.read(public, "/downloads/release/[release]/", holds=notes, comparable=False)
        finally:
            self._save(self.read(row, CHANGE), row, before)

    def _save(self, page: Page, row: str, notes: str) -> None:
        edits = self._load.comparing.edits
        edits.note()
        values = {NOTES: notes, "_save": "Save"}
        self.fill(page, NOTES, row, CHANGE, values=values, expected=302, leads=RELEASES)
        edits.note()

    def _log_out(self) -> None:
        page = self.read(ADMIN)
        self.fill(page, TOKEN, f"{ADMIN}logout/", values={})


def _value(page: Page, field: str) -> str:
    return dict(read_form(page.text, field).fields)[field]
