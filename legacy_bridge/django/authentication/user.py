"""`request.user`: the names that templates and permission checks use.

Permissions are texts, `app_label.codename`. They are loaded with the user (see `loading.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Literal


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class User:
    """A row of the user table with its groups and permissions. May be inactive."""

    is_authenticated: ClassVar[Literal[True]] = True
    is_anonymous: ClassVar[Literal[False]] = False

    id: int
    username: str
    password: str = field(repr=False)
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    last_login: datetime | None = None
    date_joined: datetime | None = None
    groups: tuple[Group, ...] = ()
    user_permissions: frozenset[str] = frozenset()
    """Granted to the user alone; for a superuser all that exist, as Django loads them."""
    group_permissions: frozenset[str] = frozenset()
    """The same by way of groups."""

    @property
    def pk(self) -> int:
        return self.id

    def __str__(self) -> str:
        return self.username

    def __eq__(self, other: object) -> bool:
        return isinstance(other, User) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name

    def get_user_permissions(self, obj: object = None) -> frozenset[str]:
        return self.user_permissions if self.is_active and obj is None else frozenset()

    def get_group_permissions(self, obj: object = None) -> frozenset[str]:
        if self.is_superuser:
            return self.get_user_permissions(obj)
        return self.group_permissions if self.is_active and obj is None else frozenset()

    def get_all_permissions(self, obj: object = None) -> frozenset[str]:
        return self.get_user_permissions(obj) | self.get_group_permissions(obj)

    def has_perm(self, permission: str, obj: object = None) -> bool:
        """Superusers may do anything, inactive users nothing, nobody else anything to one `obj`."""
        if not self.is_active:
            return False
        if self.is_superuser:
            return True
        return obj is None and (
            permission in self.user_permissions or permission in self.group_permissions
        )

    def has_perms(self, permissions: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in listed(permissions))

    def has_module_perms(self, app_label: str) -> bool:
        """Whether there is any permission of that app."""
        if not self.is_active:
            return False
        return self.is_superuser or any(
            permission.partition(".")[0] == app_label for permission in self.get_all_permissions()
        )

    def is_in_group(self, *names: str) -> bool:
        """Of any of the names; superusers are in all (behaviour/site.md 15)."""
        return self.is_superuser or any(group.name in names for group in self.groups)


class AnonymousUser:
    """Nobody, as Django's templates see it. May do nothing."""

    __slots__ = ()

    id: Final = None
    pk: Final = None
    username: Final = ""
    is_active: Final = False
    is_staff: Final = False
    is_superuser: Final = False
    is_authenticated: ClassVar[Literal[False]] = False
    is_anonymous: ClassVar[Literal[True]] = True
    groups: ClassVar[tuple[Group, ...]] = ()
    user_permissions: ClassVar[frozenset[str]] = frozenset()

    def __str__(self) -> str:
        return "AnonymousUser"

    def get_username(self) -> str:
        return ""

    def get_user_permissions(self, obj: object = None) -> frozenset[str]:
        return frozenset()

    def get_group_permissions(self, obj: object = None) -> frozenset[str]:
        return frozenset()

    def get_all_permissions(self, obj: object = None) -> frozenset[str]:
        return frozenset()

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return False

    def has_perms(self, permissions: Iterable[str], obj: object = None) -> bool:
        return not listed(permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return False

    def is_in_group(self, *names: str) -> bool:
        return False


Visitor = User | AnonymousUser
ANONYMOUS: Final = AnonymousUser()


def listed(permissions: Iterable[str]) -> list[str]:
    """A text is refused: its letters are no permissions. Raises ValueError."""
    if isinstance(permissions, str):
        raise ValueError("has_perms wants several permissions, not one")  # noqa: TRY004 - as Django
    return list(permissions)
