"""`{% load sitetree %}` of django-sitetree: menus, printed by templates of the site."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import call, kept, printed
from legacy_bridge.templates.declarations import Syntax
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.including import included
from legacy_bridge.templates.site import Menus

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

sitetree = Library("sitetree")


def _without_template(converter: "Converter", words: Sequence[str]) -> tuple[list[str], str | None]:
    """The words without `template …`, and that template."""
    rest = list(words)
    if "template" not in rest[:-1]:
        return rest, None
    at = rest.index("template")
    template = converter.value(rest[at + 1])
    del rest[at : at + 2]
    return rest, template


def _syntax(name: str, pattern: Sequence[str], example: str) -> Syntax:
    """`pattern` has the fixed words, and `""` where a value stands."""

    def convert(converter: "Converter", tag: "Tag") -> str:
        words, template = _without_template(converter, tag.words[1:])
        fits = len(words) == len(pattern) and all(
            not fixed or word in fixed.split("|")
            for word, fixed in zip(words, pattern, strict=True)
        )
        if not fits:
            raise TagFault(f"{name!r} tag is not complete", f"write {{% {name} {example} %}}")
        values = [
            converter.value(word) for word, fixed in zip(words, pattern, strict=True) if not fixed
        ]
        if name == "sitetree_children":
            values.append(f'"{words[-1]}"')
        named = [("template", template)] if template else []
        return printed(call(name, values, named))

    return convert


_SYNTAXES = {
    "sitetree_tree": (("from", ""), 'from "main"'),
    "sitetree_breadcrumbs": (("from", ""), 'from "main"'),
    "sitetree_menu": (("from", "", "include", ""), 'from "main" include "trunk"'),
    "sitetree_children": (
        ("of", "", "for", "menu|sitetree"),
        'of item for menu template "part.html"',
    ),
}
for _name, (_pattern, _example) in _SYNTAXES.items():
    sitetree.tag(_name)(_syntax(_name, _pattern, _example))


def _simple(name: str, preposition: str) -> Syntax:
    def convert(converter: "Converter", tag: "Tag") -> str:
        words, target = kept(tag.words)
        if len(words) < 3 or words[1] != preposition:
            raise TagFault(
                f"{name!r} tag requires at least two arguments",
                f"write {{% {name} {preposition} … %}}",
            )
        return printed(call(name, [converter.value(words[2])]), target)

    return convert


sitetree.tag("sitetree_url")(_simple("sitetree_url", "for"))
for _name in ("sitetree_page_title", "sitetree_page_description", "sitetree_page_hint"):
    sitetree.tag(_name)(_simple(_name, "from"))


def _menus(context: Context) -> Menus:
    menus = context.environment.site.menus
    if menus is None:
        raise RenderingError("no menus are known; set `menus` of the Site")
    return menus


def _printed(context: Context, template: Any, items: Sequence[Any]) -> str:
    return included(context, template, {**context.flatten(), "sitetree_items": items})


@sitetree.function("sitetree_tree", takes_context=True, is_final=True)
def sitetree_tree(context: Context, alias: Any, template: Any = "sitetree/tree.html") -> str:
    return _printed(context, template, _menus(context).tree(str(alias), context))


@sitetree.function("sitetree_breadcrumbs", takes_context=True, is_final=True)
def sitetree_breadcrumbs(
    context: Context, alias: Any, template: Any = "sitetree/breadcrumbs.html"
) -> str:
    return _printed(context, template, _menus(context).breadcrumbs(str(alias), context))


@sitetree.function("sitetree_menu", takes_context=True, is_final=True)
def sitetree_menu(
    context: Context, alias: Any, branches: Any, template: Any = "sitetree/menu.html"
) -> str:
    return _printed(context, template, _menus(context).menu(str(alias), str(branches), context))


@sitetree.function("sitetree_children", takes_context=True, is_final=True)
def sitetree_children(context: Context, item: Any, navigation: str, template: Any) -> str:
    items = _menus(context).children(item, "".join(navigation), context)
    return _printed(context, template, items)


@sitetree.function("sitetree_url", takes_context=True)
def sitetree_url(context: Context, item: Any) -> str:
    return _menus(context).url(item, context)


def _of_current(read: Callable[[Any], Any]) -> Callable[..., Any]:
    def find(context: Context, alias: Any) -> Any:
        item = _menus(context).current(str(alias), context)
        return "" if item is None else read(item)

    return find


for _name, _read in {
    "sitetree_page_title": lambda item: item.title_resolved,
    "sitetree_page_description": lambda item: item.description,
    "sitetree_page_hint": lambda item: item.hint,
}.items():
    sitetree.function(_name, takes_context=True)(_of_current(_read))
