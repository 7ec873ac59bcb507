"""Menus as django-sitetree gives them to templates (behaviour/site.md §10).

What an item is to a page, current or on the way to it, is marked on the item and marked anew
whenever a tag asks, as there: templates print these marks between two questions.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from legacy_bridge.templates.site import NoReverseMatchError
from ported_domains.chrome.mini_templates import argument, title_of
from ported_domains.shared.rendering import rendering

UNRESOLVED = "#unresolved"
ALL_PERMISSIONS = 2
_URI = "/#%[]=:;$&()+,!?*@'~"


@dataclass(slots=True, eq=False)
class Item:
    """A menu's item on one page. `permissions` are those that it wants, as `app.codename`."""

    id: int
    tree: str
    parent: "Item | None"
    title: str
    hint: str
    url: str
    urlaspattern: bool
    hidden: bool
    alias: str | None
    description: str
    inmenu: bool
    inbreadcrumbs: bool
    insitetree: bool
    access_loggedin: bool
    access_guest: bool
    access_restricted: bool
    access_perm_type: int
    permissions: frozenset[str] = frozenset()
    depth: int = 0
    url_resolved: str = ""
    title_resolved: Any = ""
    is_current: bool = False
    in_current_branch: bool = False
    has_children: bool = False


@dataclass(slots=True)
class Tree:
    """The items of one menu in the order in which they are loaded."""

    items: Sequence[Item]
    current: Item | None = None
    children: dict[Item | None, list[Item]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for item in self.items:
            self.children.setdefault(item.parent, []).append(item)

    def mark(self, path: str) -> None:
        """The first time every item of this path is current; afterwards only the last of them."""
        again = self.current
        for item in self.items:
            item.is_current = item is again or (again is None and item.url_resolved == path)
            item.in_current_branch = False
            if item.is_current:
                self.current = item

    def climb(self) -> None:
        item = self.current
        while item is not None:
            item.in_current_branch = True
            item = item.parent


Read = Callable[[str], Sequence[Item]]
"""The items of a menu by its alias; none where there is no such menu."""


class PageMenus:
    """The menus of one page. `context` is that of the first tag that asked."""

    def __init__(self, read: Read, path: str, user: Any, context: Any) -> None:
        self._read = read
        self._path = quote(path, safe=_URI)
        self._user = user
        self._context = context
        self._trees: dict[str, Tree] = {}

    def tree(self, alias: str) -> Sequence[Item]:
        tree = self._marked(alias)
        return self._shown(tree, tree.children.get(None, ()), "sitetree")

    def menu(self, alias: str, branches: str) -> Sequence[Item]:
        tree = self._marked(alias)
        tree.climb()
        wanted = _Branches.of(branches, tree.current)
        return self._with_children(
            tree,
            [one for one in tree.items if self._may_see(one, "menu") and one in wanted],
            "menu",
        )

    def children(self, item: Item, navigation: str) -> Sequence[Item]:
        tree = self._marked(item.tree)
        tree.climb()
        return self._shown(tree, tree.children.get(item, ()), navigation)

    def breadcrumbs(self, alias: str) -> Sequence[Item]:
        tree = self._marked(alias)
        trail = [one for one in _path_to(tree.current) if self._may_see(one, "breadcrumbs")]
        return self._with_children(tree, trail, "breadcrumbs")

    def current(self, alias: str) -> Item | None:
        return self._marked(alias).current

    def _marked(self, alias: str) -> Tree:
        if alias not in self._trees:
            items = self._read(alias)
            for item in items:
                item.url_resolved = self._url(item)
                item.title_resolved = title_of(item.title, self._context)
            self._trees[alias] = Tree(items)
        tree = self._trees[alias]
        tree.mark(self._path)
        return tree

    def _url(self, item: Item) -> str:
        if not item.urlaspattern:
            return item.url
        name, *words = item.url.split(" ")
        arguments = [argument(word, self._context) for word in words]
        urls = self._context.environment.site.urls
        try:
            found: str = urls.reverse(name.strip("\"' "), arguments, {}, self._context)
        except NoReverseMatchError:
            return UNRESOLVED
        return found

    def _shown(self, tree: Tree, items: Iterable[Item], navigation: str) -> list[Item]:
        shown = [one for one in items if self._may_see(one, navigation)]
        return self._with_children(tree, shown, navigation)

    def _with_children(self, tree: Tree, items: list[Item], navigation: str) -> list[Item]:
        for item in items:
            below = tree.children.get(item, ())
            item.has_children = any(self._may_see(one, navigation) for one in below)
        return items

    def _may_see(self, item: Item, navigation: str) -> bool:
        if item.hidden or not getattr(item, f"in{navigation}"):
            return False
        if not (item.access_loggedin or item.access_guest or item.access_restricted):
            return True  # without a look at the visitor
        user = self._user()
        if item.access_loggedin and not user.is_authenticated:
            return False
        if item.access_guest and user.is_authenticated:
            return False
        return not item.access_restricted or _is_permitted(item, user.get_all_permissions())


@dataclass(frozen=True, slots=True)
class _Branches:
    """What `include "…"` names: roots, and parents whose children are wanted."""

    trunk: bool
    ids: frozenset[int]
    aliases: frozenset[str]

    @classmethod
    def of(cls, words: str, current: Item | None) -> "_Branches":
        trunk, ids, aliases = False, set[int](), set[str]()
        for word in (part.strip() for part in words.split(",")):
            relative = None if current is None else _RELATIVE.get(word)
            if word == "trunk":
                trunk = True
            elif relative is not None and (parent := relative(current)) is not None:
                ids.add(parent.id)
            elif word.isdigit():
                ids.add(int(word))
            else:
                aliases.add(word)
        return cls(trunk, frozenset(ids), frozenset(aliases))

    def __contains__(self, item: Item) -> bool:
        if item.parent is None:
            return self.trunk
        return item.parent.id in self.ids or item.parent.alias in self.aliases


_RELATIVE: Mapping[str, Callable[[Any], Item | None]] = {
    "this-children": lambda item: item,
    "this-siblings": lambda item: item.parent,
    "this-parent-siblings": lambda item: _above(_above(item)),
    "this-ancestor-children": lambda item: _path_to(item)[0],
}


def _above(item: Item) -> Item:
    """The parent, or a root itself."""
    return item.parent or item


def _path_to(item: Item | None) -> list[Item]:
    """From the root to the item."""
    path: list[Item] = []
    while item is not None:
        path.insert(0, item)
        item = item.parent
    return path


def _is_permitted(item: Item, has: frozenset[str]) -> bool:
    if item.access_perm_type == ALL_PERMISSIONS:
        return item.permissions <= has
    return not item.permissions.isdisjoint(has)


class SiteMenus:
    """Where the tags ask (`legacy_bridge.templates.site.Menus`), whichever page it is. A page
    without `request`, as that for 500, has none."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def tree(self, alias: str, context: Any) -> Sequence[Item]:
        return self._of_page(context).tree(alias)

    def menu(self, alias: str, branches: str, context: Any) -> Sequence[Item]:
        return self._of_page(context).menu(alias, branches)

    def children(self, item: Item, navigation: str, context: Any) -> Sequence[Item]:
        return self._of_page(context).children(item, navigation)

    def breadcrumbs(self, alias: str, context: Any) -> Sequence[Item]:
        return self._of_page(context).breadcrumbs(alias)

    def url(self, item: Item, context: Any) -> str:
        return item.url_resolved

    def current(self, alias: str, context: Any) -> Item | None:
        return self._of_page(context).current(alias)

    def _of_page(self, context: Any) -> PageMenus:
        asked = rendering()
        menus: PageMenus | None = asked.remembered.get(PageMenus)
        if menus is None:
            request = context.get("request")
            read = _no_menu if request is None else self._read
            menus = PageMenus(read, asked.visit.path, lambda: request.user, context)
            asked.remembered[PageMenus] = menus
        return menus


def _no_menu(alias: str) -> Sequence[Item]:
    return ()
