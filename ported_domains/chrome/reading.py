"""Menus and flags as they are in the native database."""

from collections.abc import Iterable, Sequence

from sqlalchemy import column, select, table
from sqlalchemy.orm import Session, aliased

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
_Above = aliased(MenuItem)
_ITEMS = (
    select(MenuItem, Menu.alias.label("tree"))
    .join(Menu, Menu.id == MenuItem.tree_id)
    .outerjoin(_Above, _Above.id == MenuItem.parent_id)
    .order_by(_Above.sort_order.asc().nulls_last(), MenuItem.sort_order, MenuItem.id)
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
    rows = session.execute(_ITEMS.where(Menu.alias == alias)).all()
    wanted = (
        _wanted_permissions(session) if any(row.MenuItem.access_restricted for row in rows) else {}
    )
    items = {row.MenuItem.id: _item(row.MenuItem, row.tree, wanted) for row in rows}
    for row in rows:
        items[row.MenuItem.id].parent = items.get(row.MenuItem.parent_id)
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


def _item(row: MenuItem, tree: str, wanted: dict[int, set[str]]) -> Item:
    return Item(
        id=row.id,
        tree=tree,
        parent=None,
        title=row.title,
        hint=row.hint,
        url=row.url,
        urlaspattern=row.urlaspattern,
        hidden=row.hidden,
        alias=row.alias,
        description=row.description,
        inmenu=row.inmenu,
        inbreadcrumbs=row.inbreadcrumbs,
        insitetree=row.insitetree,
        access_loggedin=row.access_loggedin,
        access_guest=row.access_guest,
        access_restricted=row.access_restricted,
        access_perm_type=row.access_perm_type,
        permissions=frozenset(wanted.get(row.id, ())),
    )


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
