"""`{% load pipeline %}` of django-pipeline: the tags of a group of files."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert.calls import call, printed
from legacy_bridge.templates.declarations import Syntax
from legacy_bridge.templates.faults import TagFault
from legacy_bridge.templates.libraries.static import static_path
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import EMPTY, SafeString, conditional_escape
from legacy_bridge.templates.site import Bundle

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

pipeline = Library("pipeline")


def _syntax(name: str) -> Syntax:
    def convert(converter: "Converter", tag: "Tag") -> str:
        if len(tag.words) != 2:
            raise TagFault(
                f"{name!r} requires exactly one argument: the name of a group",
                f'write {{% {name} "main" %}}',
            )
        value = converter.value(tag.words[1])
        return printed(call(converter.function(name, name), [value]))

    return convert


for _name in ("stylesheet", "javascript"):
    pipeline.tag(_name)(_syntax(_name))


@pipeline.function("stylesheet", takes_context=True, is_final=True)
def stylesheet(context: Context, group: Any) -> str:
    """`media` and `title` are the bundle's attributes; a group that is not known prints nothing."""
    bundle = context.environment.site.stylesheets.get(str(group))
    if bundle is None:
        return EMPTY
    attributes = {"media": "all", **bundle.attributes}
    return _tags(
        context,
        bundle,
        lambda url: f'<link href="{url}" rel="stylesheet" type="text/css"{_written(attributes)} />',
    )


@pipeline.function("javascript", takes_context=True, is_final=True)
def javascript(context: Context, group: Any) -> str:
    bundle = context.environment.site.scripts.get(str(group))
    if bundle is None:
        return EMPTY
    attributes = {"charset": "utf-8", **bundle.attributes}
    return _tags(
        context,
        bundle,
        lambda url: f'<script type="text/javascript" src="{url}"{_written(attributes)}></script>',
    )


def _tags(context: Context, bundle: Bundle, tag: Any) -> str:
    """One tag for what the sources are combined to, or one for each while developing."""
    outputs = [bundle.output] if context.environment.site.uses_outputs else bundle.sources
    return SafeString("\n".join(tag(static_path(context, path)) for path in outputs))


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(
        f' {name}="{conditional_escape(value)}"' for name, value in attributes.items() if value
    )
