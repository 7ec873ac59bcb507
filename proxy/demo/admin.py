"""Steps of the walk: an editor in Django's admin, from logging in to logging out."""

import httpx

from proxy.demo.expectations import expect, scalar
from proxy.demo.forms import read_form
from proxy.demo.system import System

NAME = "admin1"
PASSWORD = "admin-1"  # noqa: S105 - the bundled data's own
LOGIN = "/admin/login/?next=/admin/"
RELEASE_NOTES = "https://docs.python.org/release/changed-by-the-demo/"
UPLOAD = bytes(range(256)) * (12 * 1024)
"""3 MiB: more than Django keeps in memory, so that it is spooled to a file."""


def log_in(system: System, visitor: httpx.Client) -> str:
    answer = post_login(visitor, PASSWORD)
    expect(answer.status_code == 302, f"the login answered {answer.status_code}")
    expect(answer.headers["location"] == "/admin/", "the login led elsewhere")
    expect(is_inside(visitor) and "sessionid" in visitor.cookies, "nobody is logged in")
    return f"logged in as {NAME}, session cookie kept"


def post_login(visitor: httpx.Client, password: str) -> httpx.Response:
    """The form of the admin's own login page, filled in."""
    form = read_form(visitor.get(LOGIN).text, "csrfmiddlewaretoken")
    return visitor.post(LOGIN, data=form.filled(username=NAME, password=password))


def is_inside(visitor: httpx.Client) -> bool:
    """Whether the admin opens; it sends everybody else to its login page."""
    return visitor.get("/admin/").status_code == 200


def edit(system: System, visitor: httpx.Client) -> str:
    number = scalar(system, "SELECT min(id) FROM downloads_release WHERE is_published")
    page = f"/admin/downloads/release/{number}/change/"
    form = read_form(visitor.get(page).text, "release_notes_url")
    answer = visitor.post(page, data=form.filled(release_notes_url=RELEASE_NOTES, _save="Save"))
    expect(answer.status_code == 302, f"saving answered {answer.status_code}: the form was refused")
    query = "SELECT count(*) FROM downloads_release WHERE release_notes_url = '{}'"
    expect(scalar(system, query.format(RELEASE_NOTES)) == 1, "the row does not say so")
    # Django keeps this sentence in a cookie until the next page: quotes, commas and all.
    told = visitor.get(answer.headers["location"]).text
    expect("was changed successfully" in told, "the next page does not say that it was changed")
    return f"release {number} changed through the proxy"


def upload(system: System, visitor: httpx.Client) -> str:
    number = scalar(system, "SELECT min(id) FROM pages_page")
    page = f"/admin/pages/page/{number}/change/"
    form = read_form(visitor.get(page).text, "title")
    (field,) = [name for name in form.files if "document" in name and "-0-" in name]
    files = {field: ("demo upload.bin", UPLOAD, "application/octet-stream")}
    answer = visitor.post(page, data=form.filled(_save="Save"), files=files)
    expect(answer.status_code == 302, f"saving answered {answer.status_code}: the form was refused")
    stored = scalar(system, "SELECT document FROM pages_documentfile ORDER BY id DESC LIMIT 1")
    back = visitor.get(f"/media/{stored}")
    expect(back.content == UPLOAD, f"/media/{stored} came back with {len(back.content)} bytes")
    return f"{len(UPLOAD)} bytes up, the same bytes back from /media/{stored}"


def log_out(system: System, visitor: httpx.Client) -> str:
    session = visitor.cookies["sessionid"]
    form = read_form(visitor.get("/admin/").text, "csrfmiddlewaretoken")
    answer = visitor.post("/admin/logout/", data=form.filled())
    expect(answer.status_code == 200, f"the logout answered {answer.status_code}")
    expect("sessionid" not in visitor.cookies, "the browser was not told to forget the session")
    query = f"SELECT count(*) FROM django_session WHERE session_key = '{session}'"  # noqa: S608
    expect(scalar(system, query) == 0, "the session is still in the database")
    visitor.cookies.set("sessionid", session)
    again = is_inside(visitor)
    visitor.cookies.delete("sessionid")
    expect(not again, "the old cookie still opens /admin/")
    return "session gone, its cookie opens nothing any more"
