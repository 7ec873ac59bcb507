"""Menus and flags as they are in the native database."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, column, select, table
from sqlalchemy.orm import Session

from legacy_bridge.django.flags import Flag
from ported_domains.chrome.menus import Item
from ported_domains.chrome.models import (
    FeatureFlag,
    FeatureFlagGroup,
    FeatureFlagUser,
    FeatureSample,
    FeatureSwitch,
    Menu,
    MenuItem,
    MenuItemPermission,
)

_permissions = table("auth_permissions", *map(column, ("id", "content_type_id", "codename")))
_content_types = table("content_types", *map(column, ("id", "app_label")))
MENU_TABLES = frozenset(
    {
        *(model.__tablename__ for model in (Menu, MenuItem, MenuItemPermission)),
        *(_permissions.name, _content_types.name),
    }
)
FLAG_TABLES = frozenset(
    model.__tablename__
    for model in (FeatureFlag, FeatureFlagGroup, FeatureFlagUser, FeatureSample, FeatureSwitch)
)
_ITEM = (
    *("id", "title", "hint", "url", "urlaspattern", "hidden", "alias", "description", "inmenu"),
    *("inbreadcrumbs", "insitetree", "access_loggedin", "access_guest", "access_restricted"),
    "access_perm_type",
)
"""Columns that an `Item` has under the same names."""
_menus, _items = Menu.__table__, MenuItem.__table__
_above = _items.alias()
_ITEMS = (
    select(_items.c.parent_id, *(_items.c[name] for name in _ITEM))
    .select_from(
        _items.join(_menus, _menus.c.id == _items.c.tree_id).outerjoin(
            _above, _above.c.id == _items.c.parent_id
        )
    )
    .where(_menus.c.alias == bindparam("menu"))
    .order_by(_above.c.sort_order.asc().nulls_last(), _items.c.sort_order, _items.c.id)
)
_PERMISSIONS = (
    select(
        MenuItemPermission.treeitem_id,
        MenuItemPermission.permission_id,
        _content_types.c.app_label,
        _permissions.c.codename,
    )
    .outerjoin(_permissions, _permissions.c.id == MenuItemPermission.permission_id)
    .outerjoin(_content_types, _content_types.c.id == _permissions.c.content_type_id)
)
_FLAG = (
    *("name", "everyone", "percent", "testing", "superusers", "staff", "authenticated"),
    *("languages", "rollout"),
)


def menu_items(session: Session, alias: str) -> Sequence[Item]:
    """In loading order: by the parent's place, then by their own; roots come last."""
    rows = session.execute(_ITEMS, {"menu": alias}).all()
    items: dict[int, Item] = {}
    above: dict[int, int | None] = {}
    for parent, *values in rows:
        item = Item(tree=alias, parent=None, **dict(zip(_ITEM, values, strict=True)))
        items[item.id], above[item.id] = item, parent
    if any(item.access_restricted for item in items.values()):
        wanted = _wanted_permissions(session)
        for item in items.values():
            item.permissions = frozenset(wanted.get(item.id, ()))
    for item in items.values():
        parent = above[item.id]
        item.parent = None if parent is None else items.get(parent)
    cut_circles(items.values())
    return list(items.values())


def cut_circles(items: Iterable[Item]) -> None:
    """The admin lets an item be moved below one of its own: whoever climbs would never arrive."""
    for item in items:
        passed = {item.id}
        below, above = item, item.parent
        while above is not None:
            if above.id in passed:
                below.parent = None
                break
            passed.add(above.id)
            below, above = above, above.parent


def _wanted_permissions(session: Session) -> dict[int, set[str]]:
    """By item. One that is not known here is held by nobody."""
    wanted: dict[int, set[str]] = {}
    for item, number, app, codename in session.execute(_PERMISSIONS):
        name = f"{app}.{codename}" if app and codename else f"#{number}"
        wanted.setdefault(item, set()).add(name)
    return wanted


def flag(session: Session, name: str) -> Flag | None:
    row = session.scalars(select(FeatureFlag).where(FeatureFlag.name == name)).one_or_none()
    if row is None:
        return None
    users = select(FeatureFlagUser.user_id).where(FeatureFlagUser.flag_id == row.id)
    groups = select(FeatureFlagGroup.group_id).where(FeatureFlagGroup.flag_id == row.id)
    return Flag(
        **{column: getattr(row, column) for column in _FLAG},
        users=frozenset(session.scalars(users)),
        groups=frozenset(session.scalars(groups)),
    )


def switch(session: Session, name: str) -> bool | None:
    """None where there is no such switch."""
    return session.scalar(select(FeatureSwitch.active).where(FeatureSwitch.name == name))


def sample_percent(session: Session, name: str) -> float | None:
    """None where there is no such sample."""
    percent = session.scalar(select(FeatureSample.percent).where(FeatureSample.name == name))
    return None if percent is None else float(percent)
