"""Accounts, permissions, addresses and tokens (behaviour/users.md, behaviour/accounts.md)."""

from datetime import date, datetime

from sqlalchemy import Index, String, UniqueConstraint, column, func
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to


class ContentType(Keyed, Record):
    __tablename__ = "content_types"
    __table_args__ = (UniqueConstraint("app_label", "model"),)

    app_label: Mapped[str] = mapped_column(String(100))
    model: Mapped[str] = mapped_column(String(100))


class AuthPermission(Keyed, Record):
    __tablename__ = "auth_permissions"
    __table_args__ = (UniqueConstraint("content_type_id", "codename"),)

    name: Mapped[str] = mapped_column(String(255))
    content_type_id: Mapped[int] = mapped_column(refers_to(ContentType.id))
    codename: Mapped[str] = mapped_column(String(100))


class AuthGroup(Keyed, Record):
    __tablename__ = "auth_groups"

    name: Mapped[str] = mapped_column(String(150), unique=True)


class AuthGroupPermission(Keyed, Record):
    __tablename__ = "auth_group_permissions"
    __table_args__ = (UniqueConstraint("group_id", "permission_id"),)

    group_id: Mapped[int] = mapped_column(refers_to(AuthGroup.id))
    permission_id: Mapped[int] = mapped_column(refers_to(AuthPermission.id), index=True)


class User(Keyed, Record):
    """Names are unique as written, and looked up in any casing; addresses need not be unique."""

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_upper_username", func.upper(column("username"))),
        Index("ix_users_upper_email", func.upper(column("email"))),
    )

    password_hash: Mapped[str] = mapped_column(String(128))
    last_login: Mapped[datetime | None]
    is_superuser: Mapped[bool]
    username: Mapped[str] = mapped_column(String(150), unique=True)
    first_name: Mapped[str] = mapped_column(String(150))
    last_name: Mapped[str] = mapped_column(String(150))
    email: Mapped[str] = mapped_column(String(254))
    is_staff: Mapped[bool]
    is_active: Mapped[bool]
    date_joined: Mapped[datetime]
    bio: Mapped[str]
    bio_markup_type: Mapped[str] = mapped_column(String(30))
    bio_rendered: Mapped[str]
    search_visibility: Mapped[int]
    email_privacy: Mapped[int]
    public_profile: Mapped[bool]


class UserAuthGroup(Keyed, Record):
    __tablename__ = "user_auth_groups"
    __table_args__ = (UniqueConstraint("user_id", "group_id"),)

    user_id: Mapped[int] = mapped_column(refers_to(User.id))
    group_id: Mapped[int] = mapped_column(refers_to(AuthGroup.id), index=True)


class UserPermission(Keyed, Record):
    __tablename__ = "user_permissions"
    __table_args__ = (UniqueConstraint("user_id", "permission_id"),)

    user_id: Mapped[int] = mapped_column(refers_to(User.id))
    permission_id: Mapped[int] = mapped_column(refers_to(AuthPermission.id), index=True)


class Membership(Keyed, Record):
    """Of the foundation. One for each user at most; some belong to none."""

    __tablename__ = "memberships"

    membership_type: Mapped[int]
    legal_name: Mapped[str] = mapped_column(String(100))
    preferred_name: Mapped[str] = mapped_column(String(100))
    email_address: Mapped[str] = mapped_column(String(100))
    city: Mapped[str] = mapped_column(String(100))
    region: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(100))
    postal_code: Mapped[str] = mapped_column(String(20))
    psf_code_of_conduct: Mapped[bool | None]
    psf_announcements: Mapped[bool | None]
    votes: Mapped[bool]
    last_vote_affirmation: Mapped[datetime | None]
    created: Mapped[datetime]
    updated: Mapped[datetime]
    creator_id: Mapped[int | None] = mapped_column(refers_to(User.id), unique=True)


class UserGroup(Keyed, Record):
    """A club of Python users somewhere; no page shows them."""

    __tablename__ = "user_groups"

    name: Mapped[str] = mapped_column(String(255))
    location: Mapped[str] = mapped_column(String(255))
    url: Mapped[str] = mapped_column(String(200))
    url_type: Mapped[str] = mapped_column(String(20))
    start_date: Mapped[date | None]
    approved: Mapped[bool]
    trusted: Mapped[bool]


class EmailAddress(Keyed, Record):
    """Of each user one is primary, and `users.email` mirrors it; one user can verify an address."""

    __tablename__ = "email_addresses"
    __table_args__ = (
        UniqueConstraint("user_id", "email"),
        Index(
            "uq_email_addresses_primary",
            "user_id",
            unique=True,
            postgresql_where=column("primary"),
        ),
        Index(
            "uq_email_addresses_verified",
            "email",
            unique=True,
            postgresql_where=column("verified"),
        ),
    )

    email: Mapped[str] = mapped_column(String(254), index=True)
    verified: Mapped[bool]
    primary: Mapped[bool]
    user_id: Mapped[int] = mapped_column(refers_to(User.id))


class EmailConfirmation(Keyed, Record):
    """Nothing writes these: the links that are mailed today are signed, not stored."""

    __tablename__ = "email_confirmations"

    created: Mapped[datetime]
    sent: Mapped[datetime | None]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    email_address_id: Mapped[int] = mapped_column(refers_to(EmailAddress.id), index=True)


class AuthToken(Record):
    """What API v2 knows a caller by."""

    __tablename__ = "auth_tokens"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    created: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(refers_to(User.id), unique=True)


class ApiKey(Keyed, Record):
    """What API v1 knows a caller by, together with the username."""

    __tablename__ = "api_keys"

    key: Mapped[str] = mapped_column(String(128), index=True)
    created: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(refers_to(User.id), unique=True)
