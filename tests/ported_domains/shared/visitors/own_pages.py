"""Native pages that have no twin."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Request, Response
from litestar.exceptions import NotFoundException
from litestar.response import Stream

from ported_domains.domain import Domain
from ported_domains.shared.render import redirect
from ported_domains.shared.urls import ANY, mount, path
from ported_domains.shared.visitors.guards import (
    flag_required,
    group_required,
    login_required,
    no_robots,
    permission_required,
    staff_required,
)
from ported_domains.shared.visitors.state import Asking, Calling
from tests.ported_domains.probes import told


async def twice(request: Request[Any, Any, Any], visitor: Calling) -> Response[bytes]:
    """Reads the form, and then the body that it was in."""
    return told({"form": visitor.form.get("a"), "body": (await request.body()).decode()})


async def long() -> Stream:
    """More than anybody waits for."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 65536

    return Stream(pieces(), media_type="text/plain")


async def token(visitor: Calling) -> Response[bytes]:
    """As a template with a form in it is given it."""
    if visitor.contracts.csrf.in_session:
        await visitor.session.load()
    return told(visitor.csrf.token())


async def gone(user: Asking) -> Response[bytes]:
    """Knows who asks, and has nothing for anybody."""
    raise NotFoundException


async def sent(visitor: Calling) -> Response[bytes]:
    return redirect(visitor.query.get("to", ""))


async def welcome(user: Asking) -> Response[bytes]:
    return told(user.get_username())


async def listed() -> Response[bytes]:
    return told("listed")


async def made() -> Response[bytes]:
    return told("made")


OWN = Domain(
    name="own",
    mapping=(),
    handlers=mount(
        "own/",
        (
            path("twice/", twice, methods=ANY),
            path("long/", long),
            path("token/", token),
            path("gone/", gone),
            path("sent/", sent),
            path("mixed/", listed, csrf_exempt=True),
            path("mixed/", made, methods=("POST",)),
            path("for/staff/", welcome, guards=(staff_required,)),
            path(
                "for/those/",
                welcome,
                guards=(permission_required("boxes.change_box", "boxes.add_box"),),
            ),
            path("for/groups/", welcome, guards=(group_required("one", "other"),)),
            path("for/some/", welcome, guards=(flag_required("some"),)),
            path("for/people/", welcome, methods=ANY, guards=(no_robots, login_required)),
        ),
    ),
)
