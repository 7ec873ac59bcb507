"""Users of the legacy database: each question is one statement and one round trip."""

import re
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, RowMapping, TextClause, bindparam, text

from legacy_bridge.django.authentication.sign_in import Match
from legacy_bridge.django.authentication.user import Group, User

# A superuser has all permissions without a row that says so; Django lists all of them.
_USER = """
SELECT u.id, u.username, u.password, u.email, u.first_name, u.last_name,
       u.is_active, u.is_staff, u.is_superuser, u.last_login, u.date_joined,
       ARRAY(
           SELECT g.id FROM auth_group g JOIN users_user_groups m ON m.group_id = g.id
           WHERE m.user_id = u.id ORDER BY g.id
       ) AS group_ids,
       ARRAY(
           SELECT g.name FROM auth_group g JOIN users_user_groups m ON m.group_id = g.id
           WHERE m.user_id = u.id ORDER BY g.id
       ) AS group_names,
       ARRAY(
           SELECT c.app_label || '.' || p.codename
           FROM users_user_user_permissions o
           JOIN auth_permission p ON p.id = o.permission_id
           JOIN django_content_type c ON c.id = p.content_type_id
           WHERE o.user_id = u.id
           UNION ALL
           SELECT c.app_label || '.' || p.codename
           FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
           WHERE u.is_superuser
       ) AS user_permissions,
       ARRAY(
           SELECT c.app_label || '.' || p.codename
           FROM users_user_groups m
           JOIN auth_group_permissions o ON o.group_id = m.group_id
           JOIN auth_permission p ON p.id = o.permission_id
           JOIN django_content_type c ON c.id = p.content_type_id
           WHERE m.user_id = u.id
       ) AS group_permissions
"""
_OF_ID = f"{_USER} FROM users_user u WHERE u.id = :user"
_OF_SESSION = f"""
{_USER}, s.session_data, s.expire_date
FROM django_session s LEFT JOIN users_user u ON u.id = :user
WHERE s.session_key = :key AND s.expire_date > :now
"""
# Names as Django's `iexact` compares them, addresses as allauth looks them up.
_MATCHES = """
SELECT u.id AS user_id, u.username, u.password, u.is_active,
       upper(u.username) = upper(:name) AS by_username,
       u.email = :address AS by_email,
       a.verified AS by_address,
       EXISTS (
           SELECT FROM account_emailaddress v WHERE v.user_id = u.id AND v.verified
       ) AS has_verified
FROM users_user u
LEFT JOIN account_emailaddress a ON a.user_id = u.id AND a.email = :address
WHERE upper(u.username) = upper(:name) OR u.email = :address
   OR u.id IN (SELECT user_id FROM account_emailaddress WHERE email = :address)
ORDER BY u.id
"""
_LAST_LOGIN = "UPDATE users_user SET last_login = :now WHERE id = :user"
_REHASH = "UPDATE users_user SET password = :new WHERE id = :user AND password = :old"

# Wider than the column: an id in a session that is too large for it is nobody's, not a fault.
_ID: Final = bindparam("user", type_=BigInteger)
_NOW: Final = bindparam("now", type_=DateTime(timezone=True))


class UserQueries:
    """The statements, for the table of AUTH_USER_MODEL; made once.

    The model must be called User, with allauth's table of addresses beside it.
    """

    __slots__ = ("last_login", "matches", "new_password", "session_and_user", "user")

    def __init__(self, table: str = "users_user") -> None:
        if not re.fullmatch(r"[a-z_][a-z0-9_]*", table):
            raise ValueError(f"{table!r} cannot be the name of Django's user table")

        def statement(sql: str) -> TextClause:
            return text(sql.replace("users_user", table))

        self.user: Final = statement(_OF_ID).bindparams(_ID)
        """Parameter `user`, an id."""
        self.session_and_user: Final = statement(_OF_SESSION).bindparams(_ID, _NOW)
        """`key` and `now` for the session, and `user`, whose it is believed to be."""
        self.matches: Final = statement(_MATCHES)
        """See `match_parameters`."""
        self.last_login: Final = statement(_LAST_LOGIN).bindparams(_ID, _NOW)
        """`user` and `now`."""
        self.new_password: Final = statement(_REHASH).bindparams(_ID)
        """`user`, `old`, `new`; changes nothing if another request changed it meanwhile."""


def match_parameters(login: str) -> dict[str, str]:
    """Of `UserQueries.matches`, for what stands in the login field; it must be storable."""
    return {"name": login, "address": login.lower()}


def user_of(row: RowMapping) -> User | None:
    """None where a session came without its user."""
    values: dict[str, Any] = dict(row)
    if values["id"] is None:
        return None
    groups = zip(values.pop("group_ids"), values.pop("group_names"), strict=True)
    for name in ("session_data", "expire_date"):
        values.pop(name, None)
    for name in ("user_permissions", "group_permissions"):
        values[name] = frozenset(values[name])
    return User(groups=tuple(Group(*group) for group in groups), **values)


def match_of(row: RowMapping) -> Match:
    return Match(**row)
