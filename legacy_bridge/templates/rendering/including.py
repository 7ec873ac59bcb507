"""From one template into another: extends, include, inclusion tags."""

import posixpath
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateNotFound, TemplateSyntaxError

from legacy_bridge.templates.rendering.surroundings import Template
from legacy_bridge.templates.safe import SafeString

if TYPE_CHECKING:
    from legacy_bridge.templates.rendering.context import Context, Write

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def extend(context: "Context", write: "Write", parent: Any, name: str | None, said: str) -> None:
    """Render the parent template with the blocks found so far."""
    if not parent:
        source = f" Got this from the '{said}' variable." if said else ""
        raise TemplateSyntaxError(
            f"Invalid template name in 'extends' tag: {str(parent)!r}.{source}", 1, name, name
        )
    template = context.environment.as_template(parent)
    if template is None:
        wanted = relative(name, parent, may_be_itself=False)
        template = context.environment.parent(wanted, context.history)
    context.extended = True
    for block, function in template.blocks.items():
        context.blocks.setdefault(block, []).append(function)
    template.body(context, write)


def include_into(
    context: "Context",
    write: "Write",
    name: str | None,
    wanted: Any,
    values: Mapping[str, Any] = _NOTHING,
    only: bool = False,
) -> None:
    """Render another template where this one is, with `values` and, unless `only`, all names."""
    template = context.environment.as_template(wanted)
    if template is None:
        if callable(getattr(wanted, "render", None)):
            write(_foreign(context, wanted, values, only))
            return
        template = _selected(context, name, wanted)
    if only:
        inner = context.new(values)
        inner.state = {}
        template.into(inner, write)
        return
    context.enter()
    for key, value in values.items():
        context[key] = value
    template.into(context, write)
    context.leave()


def _foreign(context: "Context", rendered: Any, values: Mapping[str, Any], only: bool) -> str:
    """What an object of another engine makes of itself."""
    if only:
        return str(rendered.render(context.new(values)))
    with context.push(**values):
        return str(rendered.render(context))


def _selected(context: "Context", name: str | None, wanted: Any) -> Template:
    environment = context.environment
    if isinstance(wanted, str):
        names = [relative(name, wanted)] if wanted else []
    else:
        names = [relative(name, one) for one in wanted or ()]
    if not names:
        raise TemplateNotFound("", "No template names provided")
    key = tuple(names)
    found: Template | None = context.loaded.get(key)
    if found is None:
        # Once for each rendering: a change on the disc is for the next one.
        found = context.loaded[key] = environment.first_template(names)
    return found


def relative(name: str | None, wanted: str, may_be_itself: bool = True) -> str:
    """`./a.html` and `../a.html` as seen from the template `name`."""
    if not wanted.startswith(("./", "../")) or name is None:
        return wanted
    name = name.lstrip("/")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(name), wanted))
    if found.startswith("../"):
        raise TemplateSyntaxError(
            f"The relative path {wanted!r} points outside the file hierarchy that "
            f"template '{name}' is in.",
            1,
            name,
            name,
        )
    if not may_be_itself and found == name:
        raise TemplateSyntaxError(
            f"The relative path {wanted!r} was translated to template name '{found}', "
            "the same template in which the tag appears.",
            1,
            name,
            name,
        )
    return found


def inclusion(
    template: object, function: Callable[..., Mapping[str, Any]], takes_context: bool
) -> Callable[..., str]:
    """What an inclusion tag runs: `function` gives the names, `template` is rendered with them."""

    def render(context: "Context", *args: Any, **kwargs: Any) -> str:
        given = (context, *args) if takes_context else args
        names = function(*given, **kwargs)
        shown = dict(names.flatten() if hasattr(names, "flatten") else names)
        token = context.get("csrf_token")
        return included(
            context, template, shown if token is None else shown | {"csrf_token": token}
        )

    return render


def included(context: "Context", template: object, names: Mapping[str, Any]) -> SafeString:
    """Another template with only `names`, as text."""
    out: list[str] = []
    wanted = context.environment.as_template(template)
    found = wanted if wanted is not None else _selected(context, None, template)
    found.into(context.new(names), out.append)
    return SafeString("".join(out))
