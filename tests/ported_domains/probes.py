"""The native twins of the bundled site's probes: pages that show and change what a visitor has."""

import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.response import Stream
from markupsafe import Markup

from legacy_bridge.django.authentication.loading import user_of
from legacy_bridge.django.settings import INFO
from ported_domains.domain import Domain
from ported_domains.shared.urls import ANY, FromUrl, mount, path
from ported_domains.shared.visitors.guards import login_required, permission_required
from ported_domains.shared.visitors.state import Asking, Calling


def told(values: object) -> Response[bytes]:
    body = json.dumps(values).encode()
    return Response(body, status_code=HTTPStatus.OK, media_type="application/json")


async def session(visitor: Calling) -> Response[bytes]:
    await visitor.session.load()
    if visitor.visit.method == "POST":
        visitor.session[visitor.form["key"]] = json.loads(visitor.form["value"])
    return told(dict(visitor.session.items()))


async def session_key(visitor: Calling) -> Response[bytes]:
    await visitor.session.load()
    if visitor.visit.method == "POST":
        await visitor.session.cycle_key()
    return told({"key": visitor.session.key})


async def session_expiry(visitor: Calling) -> Response[bytes]:
    await visitor.session.load()
    if visitor.visit.method == "POST":
        visitor.session.set_expiry(int(visitor.form["seconds"]))
    return told(
        {
            "age": int(visitor.session.lifetime.seconds),
            "with_browser": visitor.session.ends_with_browser,
        }
    )


async def flush(visitor: Calling) -> Response[bytes]:
    await visitor.session.load()
    if visitor.visit.method == "POST":
        await visitor.session.flush()
    return told({})


async def message(visitor: Calling) -> Response[bytes]:
    if visitor.visit.method == "POST":
        text = visitor.form["text"]
        safe = "safe" in visitor.form
        level, tags = int(visitor.form["level"]), visitor.form.get("tags", "")
        visitor.messages.add(level, Markup(text) if safe else text, tags)
        return told({})
    await visitor.load_messages()
    shown: list[dict[str, Any]] = [
        {
            "level": each.level,
            "text": str(each.message),
            "tags": each.tags,
            "safe": hasattr(each.message, "__html__"),
        }
        for each in visitor.messages
    ]
    return told({"messages": shown})


async def form(visitor: Calling) -> Response[bytes]:
    if visitor.visit.method == "POST":
        return told({name: visitor.form.get_all(name) for name in sorted(visitor.form)})
    return told({"token": visitor.csrf.token()})


async def exempt(visitor: Calling) -> Response[bytes]:
    return told({"method": visitor.visit.method})


async def user(user: Asking) -> Response[bytes]:
    return told(
        {
            "id": user.id,
            "name": user.get_username(),
            "is_authenticated": user.is_authenticated,
            "is_staff": user.is_staff,
            "is_superuser": user.is_superuser,
            "groups": sorted(group.name for group in user.groups),
            "permissions": sorted(user.get_all_permissions()),
        }
    )


async def flag(visitor: Calling, name: FromUrl) -> Response[bytes]:
    return told({"on": await visitor.flag_is_on(name)})


async def answer(visitor: Calling, status: NamedDependency[int]) -> Response[bytes]:
    await visitor.session.load()
    visitor.session["answered"] = status
    visitor.messages.add(INFO, "answered")
    visitor.csrf.token()
    body = b"" if status in (204, 304) else b"answered"
    return Response(body, status_code=status, media_type="text/html")


async def fail(visitor: Calling) -> Response[bytes]:
    legacy, users = visitor.contracts.legacy, visitor.contracts.users
    async with legacy.connect() as connection:
        found = await connection.execute(
            users.matches, {"name": visitor.form["name"], "address": ""}
        )
        user_id = found.mappings().one()["user_id"]
        row = (await connection.execute(users.user, {"user": user_id})).mappings().one()
    user = user_of(row)
    assert user is not None
    await visitor.log_in(user, "django.contrib.auth.backends.ModelBackend")
    visitor.messages.add(INFO, "logged in")
    raise RuntimeError("after the login")


async def stream(visitor: Calling) -> Stream:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        visitor.session["late"] = True
        yield b"two"

    await visitor.session.load()
    visitor.session["early"] = True
    return Stream(pieces(), media_type="text/plain")


editors = permission_required("boxes.change_box")
PROBES = Domain(
    name="probes",
    mapping=(),
    handlers=mount(
        "probes/",
        (
            path("session/", session, methods=ANY),
            path("session/key/", session_key, methods=ANY),
            path("session/expiry/", session_expiry, methods=ANY),
            path("session/flush/", flush, methods=ANY),
            path("messages/", message, methods=ANY),
            path("form/", form, methods=ANY),
            path("exempt/", exempt, methods=ANY, csrf_exempt=True),
            path("user/", user, methods=ANY),
            path("flag/<slug:name>/", flag, methods=ANY),
            path("answer/<int:status>/", answer, methods=ANY),
            path("fail/", fail, methods=ANY),
            path("stream/", stream, methods=ANY),
            path("for/members/", user, methods=ANY, guards=(login_required,)),
            path("for/editors/", user, methods=ANY, guards=(editors,)),
        ),
    ),
)
