"""What the account pages have in common: limits, `next`, the methods of a form, answers to scripts.

They do as Django's FormView and allauth's views around it, in this order: who asks too often is
refused, who may not see the page is sent away, then the method counts. So its handler is routed
for ANY method, and calls

    over_limit      429 for who asks too often; GET is free
    show_form       the page on GET; a valid form is accepted on POST, and shown again if it is not
    wanted_next     where to go afterwards, if the request says so and may
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from litestar import Response
from litestar.exceptions import PermissionDeniedException
from markupsafe import Markup

from legacy_bridge.django.rate_limits import Asking, client_address
from legacy_bridge.django.redirects import NEXT
from ported_domains.shared.forms.form import Form
from ported_domains.shared.forms.values import Values
from ported_domains.shared.forms.widgets import Widget
from ported_domains.shared.render import Show, redirect
from ported_domains.shared.visitors.state import VisitorState
from ported_domains.users.accounts.services import Accounts

Answer = Response[bytes]
AnyForm = TypeVar("AnyForm", bound=Form)

FORM_METHODS: Final = ("GET", "POST", "PUT", "HEAD", "OPTIONS")
"""Of Django's FormView, in the order in which `Allow` has them."""
_NEVER: Final = "max-age=0, no-cache, no-store, must-revalidate, private"
_TOO_MANY: Final = b"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Too many requests</title></head>
<body><h1>Too many requests</h1><p>Wait a while, then try again.</p></body>
</html>
"""


def asking(visitor: VisitorState, *, user_id: int | None = None, key: str | None = None) -> Asking:
    """Who asks, for a limit. 403 where a front server gives no IP address for its client."""
    try:
        address = client_address(None, visitor.address)
    except ValueError:
        raise PermissionDeniedException("the client's address cannot be told") from None
    return Asking(address, user_id, key)


async def over_limit(
    visitor: VisitorState,
    accounts: Accounts,
    action: str,
    *,
    user_id: int | None = None,
    key: str | None = None,
) -> Answer | None:
    """The refusal, if this action was asked for too often; else it is counted."""
    if visitor.visit.method == "GET":
        return None
    usage = await accounts.limits.consume(action, asking(visitor, user_id=user_id, key=key))
    return too_many() if usage is None else None


def too_many() -> Answer:
    headers = {"content-type": "text/html"}
    return Response(_TOO_MANY, status_code=HTTPStatus.TOO_MANY_REQUESTS, headers=headers)


def wanted_next(visitor: VisitorState) -> str | None:
    """`next` of the form, else of the query; None without one that is safe to go to."""
    candidates = (visitor.form.get(NEXT), visitor.query.get(NEXT))
    return visitor.contracts.destinations.wanted(visitor.visit.host, *candidates)


def with_next(visitor: VisitorState, url: str) -> str:
    """The URL of another page, which then knows where to go, too."""
    wanted = wanted_next(visitor)
    if wanted is None:
        return url
    parts = urlsplit(url)
    query = parse_qs(parts.query) | {NEXT: [wanted]}
    return urlunsplit(parts._replace(query=urlencode(query, doseq=True)))


def redirect_names(visitor: VisitorState) -> dict[str, Any]:
    """What templates know of `next`; its value is as it came, for the next page judges it again."""
    value = visitor.form.get(NEXT) or visitor.query.get(NEXT)
    hidden = Markup('<input type="hidden" name="{}" value="{}">').format(NEXT, value)
    return {
        "redirect_field_name": NEXT,
        "redirect_field_value": value,
        "redirect_field": hidden if value else "",
    }


def bound_data(visitor: VisitorState) -> Values | None:
    """What a form is made with: what was submitted, be it nothing; None for one to be filled in."""
    return visitor.form if visitor.visit.method in ("POST", "PUT") else None


async def show_form(
    visitor: VisitorState,
    show: Show,
    template: str,
    form: AnyForm,
    accept: Callable[[AnyForm], Awaitable[Answer | None]],
    context: Mapping[str, Any],
    *,
    for_scripts: bool = True,
    data: object = None,
) -> Answer:
    """One exchange about a form made with `bound_data`.

    `accept` is asked with a form whose fields are right; it answers, or finds an error, adds it to
    the form and returns None. `data` is what scripts are told besides.
    """
    method = visitor.visit.method
    if method not in FORM_METHODS or method == "OPTIONS":
        return refuse(visitor, FORM_METHODS)
    answer = await accept(form) if form.is_valid() else None
    if answer is None:
        answer = await show(template, **context, form=form)
    return for_script(visitor, answer, form, data) if for_scripts else answer


def refuse(visitor: VisitorState, allowed: tuple[str, ...]) -> Answer:
    """What Django's views say to methods that they do not have, and to OPTIONS."""
    asked = visitor.visit.method == "OPTIONS"
    status = HTTPStatus.OK if asked else HTTPStatus.METHOD_NOT_ALLOWED
    headers = {"allow": ", ".join(allowed)}
    return Response(b"", status_code=status, media_type="text/html", headers=headers)


def for_script(
    visitor: VisitorState, answer: Answer, form: Form | None = None, data: object = None
) -> Answer:
    """The answer itself; to scripts what it says, as JSON."""
    if not is_script(visitor):
        return answer
    told: dict[str, object] = {}
    status = answer.status_code
    location = answer.headers.get("location")
    if location is not None:
        told["location"] = location
        status = HTTPStatus.OK
    if form is not None:
        refused = visitor.visit.method == "POST" and not form.is_valid()
        status = HTTPStatus.BAD_REQUEST if refused else HTTPStatus.OK
        told["form"] = described(form)
        told["html"] = answer.content.decode()
    if data is not None:
        told["data"] = data
    return Response(json.dumps(told).encode(), status_code=status, media_type="application/json")


def is_script(visitor: VisitorState) -> bool:
    """Whether the request says that no person will read the answer."""
    headers = visitor.headers
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return (
        headers.get("x-requested-with") == "XMLHttpRequest"
        or media_type == "application/json"
        or headers.get("accept") == "application/json"
    )


def described(form: Form) -> dict[str, object]:
    """A form as scripts are told of it."""
    fields = {
        bound.html_name: {
            "label": bound.label,
            "value": bound.value(),
            "help_text": bound.help_text,
            "errors": list(bound.errors),
            "widget": {"attrs": _attributes(bound.widget)},
        }
        for bound in form
    }
    return {"fields": fields, "field_order": [*fields], "errors": list(form.non_field_errors)}


def _attributes(widget: Widget) -> dict[str, str]:
    """Without the type of an input, which Django does not count among them."""
    return {name: str(value) for name, value in widget.attrs.items() if name != "type"}


def sent_to(url: str) -> Answer:
    """To where allauth goes by Django's `redirect()`, which takes a word alone for one below `/`.

    Where Django has a URL of that name it goes there instead; nothing links so.
    """
    return redirect(url if "/" in url or "." in url else f"/{url}")


def never_cached(answer: Answer) -> Answer:
    """Not even the browser keeps it."""
    expires = format_datetime(datetime.now(UTC), usegmt=True)
    answer.headers |= {"expires": expires, "cache-control": _NEVER}
    return answer
