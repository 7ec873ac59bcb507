"""`{% load allauth %}` of django-allauth: pages from elements, each with a template of its own.

    {% element button type="submit" tags="primary" %}…{% endelement %}

renders `allauth/elements/button.html` with `attrs`, and with `slots`: what `{% slot name %}` in the
body was given for each name, all else under "default". There `{% slot name %}` prints it; its own
body is for when nothing was given. A page that extends `allauth/layouts/<layout>.html` gets
`allauth/elements/button__<layout>.html` where there is one.
"""

import re
from typing import TYPE_CHECKING, Any, Final

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import arguments, block, call
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.including import included
from legacy_bridge.templates.safe import EMPTY, SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

allauth = Library("allauth")

DEFAULT: Final = "default"
_SLOTS: Final = "allauth slots"
_LAYOUT: Final = "allauth layout"
"""In the state of a template: what the element being rendered was given, and the page's layout."""
_OF_LAYOUT: Final = re.compile(r"(?:^|[/\\])allauth[/\\]layouts[/\\](.+)")


@allauth.tag("element")
def _element(converter: "Converter", tag: "Tag") -> str:
    names, attributes = tag.words[1:2], tag.words[2:]
    positional, named = arguments(converter, attributes)
    if not names or positional:
        raise TagFault(
            "'element' takes one name and attributes",
            'write {% element name attribute="value" %}…{% endelement %}',
        )
    return block(
        call("element", [quoting.string(names[0])], named), converter.body(tag, "endelement")
    )


@allauth.tag("slot")
def _slot(converter: "Converter", tag: "Tag") -> str:
    name = tag.words[1] if len(tag.words) > 1 else DEFAULT
    return block(call("slot", [quoting.string(name)]), converter.body(tag, "endslot"))


@allauth.tag("setvar")
def _setvar(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault("'setvar' takes one name", "write {% setvar name %}…{% endsetvar %}")
    return block(call("setvar", [quoting.string(tag.words[1])]), converter.body(tag, "endsetvar"))


@allauth.function("element", takes_context=True, takes_body=True, is_final=True)
def element(context: Context, body: Body, name: str, /, **attributes: Any) -> str:
    """The element's template, with what stands inside."""
    layout = context.state.get(_LAYOUT) or _layout(context)
    slots: dict[str, list[str]] = {}
    outer = context.state
    context.state = {_SLOTS: slots, _LAYOUT: layout}
    try:
        slots[DEFAULT] = [body(context)]
    finally:
        context.state = outer
    if tags := attributes.get("tags"):
        attributes["tags"] = [tag.strip() for tag in str(tags).split(",")]
    shown = {**context.flatten(), "slots": slots, "attrs": attributes}
    plain = f"allauth/elements/{name}.html"
    own = f"allauth/elements/{name}__{layout}.html"
    return included(context, [own, plain] if layout else [plain], shown)


def _layout(context: Context) -> Any:
    """Of the page that is being rendered, else as its context says."""
    for template in context.history:
        if found := _OF_LAYOUT.search(str(template)):
            return found[1].removesuffix(".html")
    return context.get("page_layout")


@allauth.function("slot", takes_context=True, takes_body=True, is_final=True)
def slot(context: Context, body: Body, name: str) -> str:
    """In an element's body it is filled; in the element's template it is printed."""
    filled: dict[str, list[str]] | None = context.state.get(_SLOTS)
    with context.push():
        if filled is not None:
            filled.setdefault(name, []).append(body(context))
            return EMPTY
        if "slots" not in context:
            raise RenderingError("'slot' stands neither within an element nor in its template")
        given = context["slots"]
        return SafeString("".join(given[name])) if name in given else body(context)


@allauth.function("setvar", takes_context=True, takes_body=True, is_final=True)
def setvar(context: Context, body: Body, name: str) -> str:
    """What stands inside, without white space around it, as a name for what follows."""
    context["".join(name)] = SafeString(body(context).strip())
    return EMPTY
