"""`{% load thumbnail %}` of sorl-thumbnail, and `{% load imagekit %}`: smaller images."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import block, call, kept, keyword, printed
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import EMPTY, SafeString, conditional_escape
from legacy_bridge.templates.site import NoImageError, Thumbnails

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

sorl = Library("thumbnail")
imagekit = Library("imagekit")
log = logging.getLogger(__name__)


def _source(context: Context, field: str = "thumbnails") -> Thumbnails:
    found: Thumbnails | None = getattr(context.environment.site, field)
    if found is None:
        raise RenderingError(f"no thumbnails can be made; set `{field}` of the Site")
    return found


@sorl.tag("thumbnail")
def _thumbnail(converter: "Converter", tag: "Tag") -> str:
    words, name = kept(tag.words)
    if len(words) < 3:
        raise TagFault(
            "'thumbnail' needs an image and a size",
            'write {% thumbnail image "100x100" as name %}…{% endthumbnail %}',
        )
    options = []
    for word in words[3:]:
        pair = keyword(word)
        if pair is None:
            raise TagFault(f"'thumbnail' cannot read {word!r}", "write options as name=value")
        options.append((pair[0], converter.value(pair[1])))
    values = [converter.value(words[1]), converter.value(words[2])]
    if name is None:
        called = call(converter.function("thumbnail", "thumbnail_url"), values, options)
        return printed(called)
    called = call(
        converter.function("thumbnail", "thumbnail"), [*values, quoting.string(name)], options
    )
    body = converter.body(tag, "empty", "endthumbnail")
    branch = None
    if converter.ended_by is not None and converter.ended_by.name == "empty":
        branch = converter.body(tag, "endthumbnail")
    return block(called, body, branch)


@sorl.function("thumbnail", takes_context=True, takes_body=True, is_final=True)
def thumbnail(
    context: Context, body: Body, source: Any, geometry: Any, name: str, **options: Any
) -> str:
    """The body with the thumbnail as `name`; what stands after `empty` without an image, or where
    the body asks for what only an image has."""
    made = _source(context).thumbnail(source, str(geometry), _given(options))
    if made:
        try:
            with context.push(**{"".join(name): made}):
                return body(context)
        except NoImageError as error:
            log.warning("a thumbnail cannot be shown: %s", error)
    return body.otherwise(context) if body.otherwise is not None else EMPTY


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Those in a variable, `options=…`, as if each were written."""
    more = options.pop("options", None)
    return {**options, **more} if isinstance(more, Mapping) else options


@sorl.function("thumbnail_url", takes_context=True, is_final=True)
def thumbnail_url(context: Context, source: Any, geometry: Any, **options: Any) -> str:
    made = _source(context).thumbnail(source, str(geometry), _given(options))
    return str(made.url) if made else EMPTY


@imagekit.tag("thumbnail")
def _imagekit_thumbnail(converter: "Converter", tag: "Tag") -> str:
    words, name = kept(tag.words)
    if len(words) < 3:
        raise TagFault(
            "'thumbnail' needs a size and an image", 'write {% thumbnail "100x100" image as name %}'
        )
    arguments = [converter.value(word) for word in words[1:3]]
    attributes = []
    for word in words[3:]:
        if word == "--":
            continue
        pair = keyword(word)
        if pair is None:
            raise TagFault(f"'thumbnail' cannot read {word!r}", "write options as name=value")
        attributes.append((pair[0], converter.value(pair[1])))
    which = "thumbnail_image" if name is None else "thumbnail_of"
    called = call(converter.function("thumbnail", which), arguments, attributes)
    return printed(called, name)


@imagekit.function("thumbnail_of", takes_context=True)
def thumbnail_of(context: Context, geometry: Any, source: Any, **options: Any) -> Any:
    return _source(context, "imagekit").thumbnail(source, str(geometry), options)


@imagekit.function("thumbnail_image", takes_context=True, is_final=True)
def thumbnail_image(context: Context, geometry: Any, source: Any, **attributes: Any) -> str:
    """An `img` with the given attributes."""
    made = _source(context, "imagekit").thumbnail(source, str(geometry), {})
    if not made:
        return EMPTY
    every = {"src": made.url, "width": made.width, "height": made.height, **attributes}
    written = " ".join(f'{name}="{conditional_escape(value)}"' for name, value in every.items())
    return SafeString(f"<img {written} />")
