"""`{% load waffle_tags %}` of django-waffle: what is shown while a feature is on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import block, call
from legacy_bridge.templates.convert.expressions import first_part
from legacy_bridge.templates.declarations import Syntax
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import EMPTY
from legacy_bridge.templates.site import Flags

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

waffle = Library("waffle_tags")


def _syntax(kind: str) -> Syntax:
    def convert(converter: "Converter", tag: "Tag") -> str:
        if len(tag.words) < 2:
            raise TagFault(f"{kind!r} tag requires an argument", f'write {{% {kind} "name" %}}')
        word = tag.words[1]
        # A name without quotes means itself where no variable has that name.
        otherwise = first_part(word).constant or word
        arguments = [converter.value(word), f'"{otherwise}"']
        body = converter.body(tag, "else", f"end{kind}")
        branch = None
        if converter.ended_by is not None and converter.ended_by.name == "else":
            branch = converter.body(tag, f"end{kind}")
        return block(call(converter.function(kind, kind), arguments), body, branch)

    return convert


def _function(ask: Callable[[Flags, str, Context], bool]) -> Callable[..., str]:
    def render(context: Context, body: Body, name: Any, otherwise: str) -> str:
        flags = context.environment.site.flags
        if flags is None:
            raise RenderingError("no feature flags are known; set `flags` of the Site")
        if ask(flags, str(name or otherwise), context):
            return body(context)
        return body.otherwise(context) if body.otherwise is not None else EMPTY

    return render


_ASK: dict[str, Callable[[Flags, str, Context], bool]] = {
    "flag": lambda flags, name, context: flags.is_flag_active(name, context),
    "switch": lambda flags, name, context: flags.is_switch_active(name, context),
    "sample": lambda flags, name, context: flags.is_sample_active(name, context),
}
for _kind, _ask in _ASK.items():
    waffle.tag(_kind)(_syntax(_kind))
    waffle.function(_kind, takes_context=True, takes_body=True, is_final=True)(_function(_ask))
