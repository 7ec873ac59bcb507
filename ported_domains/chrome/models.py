"""Menus, and flags that show a feature to some visitors only (behaviour/site.md §9, §10).

Permissions, groups and users are ids without foreign keys, as in `Authored`.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ported_domains.domain import Keyed, Record
from ported_domains.shared.columns import refers_to


class Menu(Keyed, Record):
    __tablename__ = "menus"

    title: Mapped[str] = mapped_column(String(100))
    alias: Mapped[str] = mapped_column(String(80), unique=True)


class MenuItem(Keyed, Record):
    """A menu is read whole, so that nothing but the keys has an index."""

    __tablename__ = "menu_items"
    __table_args__ = (UniqueConstraint("tree_id", "alias"),)

    tree_id: Mapped[int] = mapped_column(refers_to(Menu.id))
    parent_id: Mapped[int | None] = mapped_column(refers_to("menu_items.id"), index=True)
    title: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(200))
    urlaspattern: Mapped[bool]
    hidden: Mapped[bool]
    alias: Mapped[str | None] = mapped_column(String(80))
    description: Mapped[str]
    inmenu: Mapped[bool]
    inbreadcrumbs: Mapped[bool]
    insitetree: Mapped[bool]
    access_loggedin: Mapped[bool]
    access_guest: Mapped[bool]
    access_restricted: Mapped[bool]
    access_perm_type: Mapped[int]
    sort_order: Mapped[int]


class MenuItemPermission(Keyed, Record):
    __tablename__ = "menu_item_permissions"
    __table_args__ = (UniqueConstraint("treeitem_id", "permission_id"),)

    treeitem_id: Mapped[int] = mapped_column(refers_to(MenuItem.id))
    permission_id: Mapped[int] = mapped_column(Integer, index=True)


class FeatureFlag(Keyed, Record):
    """On for everyone, for nobody, or (`everyone` NULL) for those that the rest describes."""

    __tablename__ = "feature_flags"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    everyone: Mapped[bool | None]
    percent: Mapped[Decimal | None] = mapped_column(Numeric(3, 1))
    testing: Mapped[bool]
    superusers: Mapped[bool]
    staff: Mapped[bool]
    authenticated: Mapped[bool]
    languages: Mapped[str]
    rollout: Mapped[bool]
    note: Mapped[str]
    created: Mapped[datetime]
    modified: Mapped[datetime]


class FeatureFlagGroup(Keyed, Record):
    __tablename__ = "feature_flag_groups"
    __table_args__ = (UniqueConstraint("flag_id", "group_id"),)

    flag_id: Mapped[int] = mapped_column(refers_to(FeatureFlag.id))
    group_id: Mapped[int] = mapped_column(Integer, index=True)


class FeatureFlagUser(Keyed, Record):
    __tablename__ = "feature_flag_users"
    __table_args__ = (UniqueConstraint("flag_id", "user_id"),)

    flag_id: Mapped[int] = mapped_column(refers_to(FeatureFlag.id))
    user_id: Mapped[int] = mapped_column(Integer, index=True)


class FeatureSwitch(Keyed, Record):
    """On or off for all."""

    __tablename__ = "feature_switches"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    active: Mapped[bool]
    note: Mapped[str]
    created: Mapped[datetime]
    modified: Mapped[datetime]


class FeatureSample(Keyed, Record):
    """On for a share of the requests."""

    __tablename__ = "feature_samples"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    percent: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    note: Mapped[str]
    created: Mapped[datetime]
    modified: Mapped[datetime]
