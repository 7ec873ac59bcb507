"""Steps of the walk: a form whose rows the native side owns, and Django's admin beside it."""

from uuid import uuid4

import httpx

from proxy.demo.bridge import carried
from proxy.demo.expectations import column, expect, owner_of, scalar
from proxy.demo.flipping import MOVE_SECONDS, flip
from proxy.demo.forms import read_form
from proxy.demo.system import System

DOMAIN = "successstories"
LIST = "/success-stories/"
FORM = "/success-stories/create/"
COMPANY = "Walked Through Ltd"


def flip_to_native(system: System, visitor: httpx.Client) -> str:
    seconds = flip(system, DOMAIN, "native", LIST, within=MOVE_SECONDS)
    return f"rows and pages are the native side's after {seconds:.2f} s"


def submit(system: System, visitor: httpx.Client) -> str:
    # Who has just written is answered by the side that was written to until the other has it.
    carried(lambda: owner_of(visitor.get(FORM)) == "native")
    page = visitor.get(FORM)
    category = str(scalar(system, "SELECT min(id) FROM story_categories", native=True))
    sent = read_form(page.text, "pull_quote").filled(
        name=f"The walk {uuid4().hex[:8]}",
        company_name=COMPANY,
        company_url="https://example.org/",
        category=category,
        author="The walk",
        author_email="walk@example.org",
        pull_quote="It went over.",
        content="It went *over*, and back.",
    )
    answer = visitor.post(FORM, data=sent)
    expect(answer.status_code == 302, f"the form was refused: {answer.status_code}")
    expect(owner_of(answer) == "native", f"the form was taken by {owner_of(answer)}")
    query = "SELECT id FROM stories WHERE company_name = '{}' ORDER BY id DESC LIMIT 1"
    number = scalar(system, query.format(COMPANY), native=True)
    query = f"SELECT count(*) FROM successstories_story WHERE id = {number}"  # noqa: S608
    milliseconds = carried(lambda: column(system, query) == [1])
    return f"story {number} was in Django's database {milliseconds} ms after the answer"


def publish(system: System, visitor: httpx.Client) -> str:
    """As a change of the side that does not own the row: it is carried to the one that does."""
    number, slug = _newest(system)
    page = f"/admin/successstories/story/{number}/change/"
    shown = visitor.get(page)
    expect(owner_of(shown) == "legacy", f"{page} came from {owner_of(shown)}")
    sent = read_form(shown.text, "pull_quote").filled(is_published="on", _save="Save")
    answer = visitor.post(page, data=sent)
    expect(answer.status_code == 302, f"saving answered {answer.status_code}: the form was refused")
    with system.visitor() as somebody:
        # Until then the native side does not find it, and Django is asked.
        milliseconds = carried(lambda: owner_of(somebody.get(f"{LIST}{slug}/")) == "native")
        seen = somebody.get(f"{LIST}{slug}/")
    expect("<em>over</em>" in seen.text, "the page does not show the story's text")
    expect(seen.status_code == httpx.codes.OK, f"the story answered {seen.status_code}")
    return f"everybody saw it natively {milliseconds} ms after Django had saved it"


def flip_back(system: System, visitor: httpx.Client) -> str:
    seconds = flip(system, DOMAIN, "legacy", LIST, within=MOVE_SECONDS)
    _, slug = _newest(system)
    with system.visitor() as somebody:
        seen = somebody.get(f"{LIST}{slug}/")
    expect(seen.status_code == httpx.codes.OK, f"Django answered {seen.status_code} to the story")
    expect(owner_of(seen) == "legacy", f"the story came from {owner_of(seen)}")
    return f"after {seconds:.2f} s; Django shows the story that it never took"


def _newest(system: System) -> tuple[object, object]:
    query = f"SELECT {{}} FROM successstories_story WHERE company_name = '{COMPANY}'"  # noqa: S608
    query += " ORDER BY id DESC LIMIT 1"
    return scalar(system, query.format("id")), scalar(system, query.format("slug"))
