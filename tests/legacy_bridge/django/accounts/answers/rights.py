"""Permissions, and flags."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from unittest import mock

import waffle
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from waffle.middleware import WaffleMiddleware
from waffle.models import Flag

from tests.legacy_bridge.django.accounts.answers.rows import make_user, remove_rows
from tests.legacy_bridge.django.accounts.answers.users.models import User


def permissions(
    user: dict[str, Any], own: list[str], groups: dict[str, list[str]], asked: list[str]
) -> dict[str, Any]:
    """Makes the user anew, with permissions `app_label.codename` alone and by groups."""
    remove_rows()
    created = make_user([], **user)
    created.user_permissions.set([_permission(name) for name in own])
    for name, granted in groups.items():
        group = Group.objects.create(name=name)
        group.permissions.set([_permission(each) for each in granted])
        created.groups.add(group)
    return _answers(User.objects.get(pk=created.pk), asked)


def anonymous_permissions(asked: list[str]) -> dict[str, Any]:
    return _answers(AnonymousUser(), asked)


def _permission(name: str) -> Permission:
    app_label, _, codename = name.partition(".")
    kind, _ = ContentType.objects.get_or_create(app_label=app_label, model="thing")
    found, _ = Permission.objects.get_or_create(content_type=kind, codename=codename)
    return found


def _answers(user: Any, asked: list[str]) -> dict[str, Any]:
    return {
        "own": sorted(user.get_user_permissions()),
        "groups": sorted(user.get_group_permissions()),
        "all": sorted(user.get_all_permissions()),
        "of_object": sorted(user.get_all_permissions(object())),
        "has": {name: user.has_perm(name) for name in asked},
        "has_for_object": {name: user.has_perm(name, object()) for name in asked},
        "has_all": user.has_perms(asked),
        "modules": {
            label: user.has_module_perms(label)
            for label in sorted({name.partition(".")[0] for name in asked})
        },
    }


def flag(
    flag: dict[str, Any],
    user: dict[str, Any] | None,
    query: dict[str, str],
    cookies: dict[str, str],
    language: str | None,
    drawn: float,
    times: int,
) -> dict[str, Any]:
    """Whether the flag was on, each time it was asked in one request, and the cookies set."""
    request = HttpRequest()
    request.META = {}
    request.GET, request.COOKIES = query, cookies
    request.user = AnonymousUser() if user is None else _member(**user)
    if language is not None:
        request.LANGUAGE_CODE = language
    users, groups = set(flag.pop("users")), set(flag.pop("groups"))
    percent = flag.pop("percent")
    row = Flag(pk=1, percent=None if percent is None else Decimal(percent), **flag)
    row._get_user_ids, row._get_group_ids = lambda: users, lambda: groups
    with (
        mock.patch.object(Flag, "get", return_value=row),
        mock.patch("random.uniform", return_value=drawn),
    ):
        answers = [waffle.flag_is_active(request, flag["name"]) for _ in range(times)]
    response = WaffleMiddleware(lambda _: None).process_response(request, HttpResponse())
    return {
        "on": answers,
        "cookies": [
            [name, cookie.value, cookie["max-age"] or None, bool(cookie["secure"])]
            for name, cookie in response.cookies.items()
        ],
    }


def _member(groups: list[int], **user: Any) -> SimpleNamespace:
    """Waffle asks for no more than this, and asks the database for it."""
    member = SimpleNamespace(is_authenticated=True, **user)
    member.groups = SimpleNamespace(
        all=lambda: SimpleNamespace(values_list=lambda *_, **__: groups)
    )
    return member


def stored_flag(users: list[int], groups: list[int], **flag: Any) -> None:
    remove_rows()
    row = Flag.objects.create(**flag)
    row.users.set(make_user([], pk=pk, username=str(pk)) for pk in users)
    row.groups.set(Group.objects.create(pk=pk, name=str(pk)) for pk in groups)


def missing_flag() -> bool:
    return waffle.flag_is_active(HttpRequest(), "no such flag")
