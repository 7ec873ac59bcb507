"""Which items a menu has for whom, and how they stand to the page (behaviour/site.md §10)."""

from types import SimpleNamespace
from typing import Any

import pytest

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.site import NoReverseMatchError, Site
from ported_domains.chrome.menus import Item, PageMenus
from ported_domains.chrome.reading import cut_circles

NOBODY = SimpleNamespace(is_authenticated=False, get_all_permissions=frozenset)
MEMBER = SimpleNamespace(is_authenticated=True, get_all_permissions=lambda: frozenset({"a.x"}))


class Named:
    """One name, and one that takes an argument."""

    def reverse(self, name: str, args: Any, kwargs: Any, context: Any) -> str:
        match name, list(args):
            case "named", []:
                return "/named/"
            case "with", [argument]:
                return f"/with/{argument}/"
        raise NoReverseMatchError(name)


def item(number: int, url: str = "", parent: Item | None = None, **other: Any) -> Item:
    plain: dict[str, Any] = {
        "tree": "main",
        "title": str(number),
        "hint": "",
        "urlaspattern": False,
        "hidden": False,
        "alias": None,
        "description": "",
        "inmenu": True,
        "inbreadcrumbs": True,
        "insitetree": True,
        "access_loggedin": False,
        "access_guest": False,
        "access_restricted": False,
        "access_perm_type": 1,
    }
    return Item(id=number, url=url, parent=parent, **plain | other)


def menus(items: list[Item], path: str = "/", user: Any = NOBODY, **names: Any) -> PageMenus:
    environment = TemplateEnvironment(site=Site(urls=Named()))
    context = Context(environment, names)
    return PageMenus(lambda alias: items if alias == "main" else [], path, lambda: user, context)


def numbers(items: Any) -> list[int]:
    return [one.id for one in items]


def two_levels() -> list[Item]:
    """In loading order: children first, roots last."""
    first, second = item(1, "/a/", alias="first"), item(2, "/b/")
    return [
        item(3, "/a/x/", first, alias="x"),
        item(4, "/a/y/", first),
        item(5, "/a/x/", second),
        first,
        second,
    ]


@pytest.mark.parametrize(
    ("path", "branches", "ids"),
    [
        ("/", "trunk", [1, 2]),
        ("/", "first", [3, 4]),
        ("/", "2, first", [3, 4, 5]),
        ("/", "this-children", []),
        ("/a/", "this-children", [3, 4]),
        ("/a/y/", "this-siblings", [3, 4]),
        ("/a/y/", "this-parent-siblings", [3, 4]),
        ("/a/y/", "this-ancestor-children", [3, 4]),
        ("/b/", "this-ancestor-children", [5]),
        ("/", "nothing", []),
    ],
)
def test_branches(path: str, branches: str, ids: list[int]) -> None:
    assert numbers(menus(two_levels(), path).menu("main", branches)) == ids


def test_of_several_items_for_one_path_the_last_is_current_from_the_second_question_on() -> None:
    items = two_levels()
    asked = menus(items, "/a/x/")
    asked.menu("main", "trunk")
    assert [one.id for one in items if one.is_current] == [3, 5]
    asked.menu("main", "trunk")
    assert [one.id for one in items if one.is_current] == [5]
    assert [one.id for one in items if one.in_current_branch] == [5, 2]
    assert numbers(asked.breadcrumbs("main")) == [2, 5]
    assert asked.current("main") is items[2]


def test_the_branch_of_a_tree_is_marked_once_children_are_asked_for() -> None:
    items = two_levels()
    asked = menus(items, "/a/y/")
    [first, _] = asked.tree("main")
    assert not first.in_current_branch
    assert numbers(asked.children(first, "sitetree")) == [3, 4]
    assert first.in_current_branch


@pytest.mark.parametrize(
    ("other", "user", "seen"),
    [
        ({}, NOBODY, True),
        ({"hidden": True}, NOBODY, False),
        ({"inmenu": False}, NOBODY, False),
        ({"access_loggedin": True}, NOBODY, False),
        ({"access_loggedin": True}, MEMBER, True),
        ({"access_guest": True}, NOBODY, True),
        ({"access_guest": True}, MEMBER, False),
        ({"access_restricted": True, "permissions": {"a.x", "a.y"}}, MEMBER, True),
        ({"access_restricted": True, "permissions": {"a.y"}}, MEMBER, False),
        ({"access_restricted": True, "permissions": frozenset()}, MEMBER, False),
        (
            {"access_restricted": True, "access_perm_type": 2, "permissions": {"a.x", "a.y"}},
            MEMBER,
            False,
        ),
        ({"access_restricted": True, "access_perm_type": 2, "permissions": {"a.x"}}, MEMBER, True),
    ],
)
def test_who_sees_an_item(other: dict[str, Any], user: Any, seen: bool) -> None:
    root = item(1, "/a/")
    items = [item(2, "/b/", root, **other), root]
    asked = menus(items, user=user)
    assert numbers(asked.menu("main", "1")) == ([2] if seen else [])
    [shown] = asked.menu("main", "trunk")
    assert shown.has_children is seen


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("named", "/named/"),
        ("'named'", "/named/"),
        ("with slug", "/with/of-the-page/"),
        ("with page.slug", "/with/inner/"),
        ("with unknown", "/with/unknown/"),
        ("with 'text'", "/with/text/"),
        ("with 7", "/with/7/"),
        ("with 7 8", "#unresolved"),
        ("nowhere", "#unresolved"),
    ],
)
def test_urls_by_name(url: str, resolved: str) -> None:
    items = [item(1, url, urlaspattern=True), item(2, url)]
    names: dict[str, Any] = {"slug": "of-the-page", "page": {"slug": "inner"}}
    found = menus(items, **names).menu("main", "trunk")
    assert [one.url_resolved for one in found] == [resolved, url]


def test_titles_have_the_names_of_the_page() -> None:
    title = "{% if x %}About{% endif %} <b>{{ who }}</b>{# quietly #}"
    [one] = menus([item(1, "/", title=title)], who="you & me").menu("main", "trunk")
    assert str(one.title_resolved) == "About <b>you &amp; me</b>"


def test_a_menu_that_is_not_there_is_empty() -> None:
    asked = menus(two_levels())
    assert asked.tree("other") == asked.menu("other", "trunk") == asked.breadcrumbs("other") == []
    assert asked.current("other") is None


def test_items_in_a_circle_are_cut_apart() -> None:
    first, second, third = item(1), item(2), item(3)
    first.parent, second.parent, third.parent = second, first, third
    root = item(4)
    fifth = item(5, parent=root)
    cut_circles([first, second, third, root, fifth])
    for one in (first, second, third):
        above, steps = one.parent, 0
        while above is not None:
            above, steps = above.parent, steps + 1
            assert steps < 3
    assert [one.parent for one in (third, fifth)] == [None, root]
