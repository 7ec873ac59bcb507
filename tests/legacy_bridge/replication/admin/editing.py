"""What a person does in the admin with a row of any table, and how soon the other side has it."""

from collections.abc import Mapping
from dataclasses import dataclass

from legacy_bridge.replication.owners import Owner
from tests.legacy_bridge.replication.admin import forms
from tests.legacy_bridge.replication.admin.bridged import BridgedSite
from tests.legacy_bridge.replication.admin.forms import Form
from tests.legacy_bridge.replication.admin.rows import Kept, Row, difference, kept

ATTEMPTS = 12


@dataclass(frozen=True, slots=True)
class Edited:
    """A row in which `field` got `value`. `form` is the one that was filled in; `before`: what the
    columns had that are different since; on the native side `seconds` after the answer."""

    table: str
    rows: Kept
    key: str
    form: Form
    field: str
    value: list[str]
    before: Row
    seconds: float


class NoChange(Exception):  # noqa: N818  # read as a sentence
    """There is no row, or no field of it that takes another value; the text says what there is."""


def edit_first(site: BridgedSite, table: str) -> Edited:
    """The row with the smallest key. Raises `NoChange`."""
    legacy = site.at[Owner.LEGACY]
    rows = kept(legacy, table)
    if not (keys := rows.keys(Owner.LEGACY, legacy)):
        raise NoChange(f"{table}: no rows")
    key = min(keys, key=lambda key: (len(key), key))
    page = change_page(site, table, rows, key)
    form = site.form(page)
    before = rows.read(Owner.LEGACY, legacy, key)
    refusals: dict[str, str] = {}
    for _, (field, value) in zip(range(ATTEMPTS), form.alternatives(), strict=False):
        if refused := send(site, page, form, {field: value}):
            refusals |= refused
            continue
        after = rows.read(Owner.LEGACY, legacy, key)
        seconds = rows.arrives(Owner.NATIVE, site.at[Owner.NATIVE], key, after)
        if changed := difference(before, after):
            return Edited(table, rows, key, form, field, value, changed, seconds)
    raise NoChange(f"{table}: {refusals or 'no field to change'}")


def edit_again(site: BridgedSite, edited: Edited) -> float:
    """The same change once more, from what the form shows now; seconds as in `Edited`."""
    rows, key = edited.rows, edited.key
    page = change_page(site, edited.table, rows, key)
    assert send(site, page, site.form(page), {edited.field: edited.value}) == {}
    after = rows.read(Owner.LEGACY, site.at[Owner.LEGACY], key)
    assert difference(edited.before, after) == edited.before
    return rows.arrives(Owner.NATIVE, site.at[Owner.NATIVE], key, after)


def write_natively(site: BridgedSite, edited: Edited) -> float:
    """Give the native row what it had before the edit; seconds until the legacy row is so."""
    rows, key = edited.rows, edited.key
    rows.write(site.at[Owner.NATIVE], key, edited.before)
    after = rows.read(Owner.NATIVE, site.at[Owner.NATIVE], key)
    return rows.arrives(Owner.LEGACY, site.at[Owner.LEGACY], key, after)


@dataclass(frozen=True, slots=True)
class Added:
    table: str
    rows: Kept
    key: str
    seconds: float


def add_like(site: BridgedSite, edited: Edited) -> Added | None:
    """Another row like the one that was edited; None where the admin lets no rows be added."""
    page = f"{site.pages[edited.table]}add/"
    shown = site.admin.get(page)
    if shown.status_code == 403:
        return None
    form = forms.read(shown.raise_for_status().text)
    legacy, rows = site.at[Owner.LEGACY], edited.rows
    known = rows.keys(Owner.LEGACY, legacy)
    likeness = _Likeness(form, edited.form)
    for _ in range(ATTEMPTS):
        if not (refused := send(site, page, form, likeness.values)):
            break
        likeness.refused(refused)
    assert refused == {}, (page, refused)
    (key,) = rows.keys(Owner.LEGACY, legacy) - known
    after = rows.read(Owner.LEGACY, legacy, key)
    seconds = rows.arrives(Owner.NATIVE, site.at[Owner.NATIVE], key, after)
    return Added(edited.table, rows, key, seconds)


def delete(site: BridgedSite, added: Added) -> float:
    """Seconds until it is gone on the native side as well."""
    rows, key = added.rows, added.key
    page = change_page(site, added.table, rows, key).replace("/change/", "/delete/")
    token = site.admin.cookies["csrftoken"]
    answer = site.admin.post(page, data={"post": "yes", "csrfmiddlewaretoken": token})
    assert (answer.status_code, answer.headers.get("Location")) == (302, site.pages[added.table])
    gone: Row = dict.fromkeys(mapping.legacy for mapping in rows.tables)
    assert rows.read(Owner.LEGACY, site.at[Owner.LEGACY], key) == gone
    return rows.arrives(Owner.NATIVE, site.at[Owner.NATIVE], key, gone)


def change_page(site: BridgedSite, table: str, rows: Kept, key: str) -> str:
    return f"{site.pages[table]}{rows.page(site.at[Owner.LEGACY], key)}/change/"


def send(
    site: BridgedSite, page: str, form: Form, changes: Mapping[str, list[str]]
) -> dict[str, str]:
    """What the form says against it, by field; nothing when it was saved."""
    answer = site.admin.post(page, **form.sent(changes))
    if answer.status_code == 302:
        return {}
    assert answer.status_code == 200, answer.text[:2000]
    refused = forms.errors(answer.text)
    assert refused
    return refused


class _Likeness:
    """`values` for a new row: those of another one, but for its texts, among which are names that
    no two rows may share; altered after each refusal."""

    def __init__(self, form: Form, model: Form) -> None:
        self._model = model
        uploads = {f.name for f in form.fields if f.kind == "file"}
        copied = [f.name for f in form.fields if f.name not in uploads]
        self.values = {name: model.values.get(name, []) for name in copied}
        self._others = {f.name: f.others() for f in model.fields if not f.many}
        for field in model.fields:
            if field.free and field.name in self.values:
                self._alter(field.name)

    def refused(self, errors: Mapping[str, str]) -> None:
        """The next value for each field that was refused; if it was the whole row, for all."""
        for name in [name for name in self._others if _of(name, errors)] or self._others:
            self._alter(name)

    def _alter(self, name: str) -> None:
        self.values[name] = next(self._others[name], self._model.values.get(name, []))


def _of(name: str, errors: Mapping[str, str]) -> bool:
    """A moment has two fields."""
    return name in errors or name.removesuffix("_0").removesuffix("_1") in errors
