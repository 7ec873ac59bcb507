"""The tables of accounts, emptied and filled."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from waffle.models import Flag

from tests.legacy_bridge.django.accounts.answers.users.models import User

# Children first; Django's own way of deleting looks for them row by row.
TABLES = [
    Flag.users.through,
    Flag.groups.through,
    Flag,
    EmailConfirmation,
    EmailAddress,
    User.groups.through,
    User.user_permissions.through,
    Group.permissions.through,
    User,
    Group,
    Permission,
    ContentType,
]


def remove_rows() -> None:
    for model in TABLES:
        rows = model.objects.all()
        rows._raw_delete(rows.db)


def make_user(addresses: list[Any], **user: Any) -> User:
    """`addresses` are pairs of address and whether it is verified."""
    created = User.objects.create(**user)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=created, email=email, verified=verified) for email, verified in addresses
    )
    return created


def add_user(**user: Any) -> None:
    make_user(**user)
