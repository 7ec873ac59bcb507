"""Before a handler that changes something: the form is read, and must come from a page of ours."""

from dataclasses import replace
from typing import Final

from legacy_bridge.django import csrf
from legacy_bridge.django.csrf import Refusal, Submission
from legacy_bridge.django.csrf_token import FIELD
from legacy_bridge.django.hosts import split_host
from ported_domains.shared.visitors.body import Body, read_form
from ported_domains.shared.visitors.state import VisitorState

_USUAL_PORTS: Final = {"http": "80", "https": "443"}


async def admit(visitor: VisitorState, body: Body) -> Refusal | None:
    """Fill `visitor.form`, and say why the request may not pass, if so. Raises `FormError`.

    The body is not read for who has no secret or comes from elsewhere: they are refused anyway.
    """
    if visitor.contracts.csrf.in_session:
        await visitor.session.load()
    asked = _submission(visitor)
    refusal = csrf.check_source(asked, visitor.contracts.csrf.rules) or csrf.check_secret(asked)
    if refusal is not None:
        return refusal
    visitor.form = await read_form(visitor.visit.method, visitor.headers, body)
    return csrf.check_token(replace(asked, field=visitor.form.get(FIELD)))


def _submission(visitor: VisitorState) -> Submission:
    headers, visit = visitor.headers, visitor.visit
    _, port = split_host(visit.host)
    return Submission(
        method=visit.method,
        secure=visitor.secure,
        host=visit.host,
        port=port or _USUAL_PORTS[visit.scheme],
        origin=headers.get("origin"),
        referer=headers.get("referer"),
        stored=visitor.stored_csrf,
        header=headers.get(visitor.contracts.csrf.header),
    )
