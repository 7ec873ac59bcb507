"""`partialdef` and `partial` of Django 6: a part of a template with a name of its own.

It is printed where `{% partial name %}` stands, and found from outside as `page.html#name`.
"""

from typing import TYPE_CHECKING

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import block, call, printed
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.tags.library import builtins

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag


@builtins.tag("partialdef")
def partialdef(converter: "Converter", tag: "Tag") -> str:
    words = tag.words
    if len(words) not in (2, 3) or (len(words) == 3 and words[2] != "inline"):
        raise TagFault(
            "'partialdef' tag takes a name and at most the word 'inline'",
            "write {% partialdef name %} or {% partialdef name inline %}",
        )
    name = words[1]
    if name in converter.partials:
        raise TagFault(
            f"Partial {name!r} is already defined in {converter.name}", "give one another name"
        )
    converter.partials.add(name)
    body = converter.body(tag, "endpartialdef")
    end = converter.ended_by
    if end is not None and end.content not in ("endpartialdef", f"endpartialdef {name}"):
        raise TagFault(
            f"'partialdef' of {name!r} is ended by {end.content!r}",
            f"write {{% endpartialdef {name} %}}",
        )
    inline = [("inline", "True")] if len(words) == 3 else []
    return block(call("partialdef", [quoting.string(name)], inline), body)


@builtins.tag("partial")
def partial(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault("'partial' tag requires a single argument", "write {% partial name %}")
    return printed(call("partial", [quoting.string(tag.words[1])]))
