"""`{% load i18n %}`: translated texts and the names of languages."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from legacy_bridge.templates.convert import quoting
from legacy_bridge.templates.convert.calls import block, call, printed
from legacy_bridge.templates.convert.lexer import Kind, Token
from legacy_bridge.templates.faults import RenderingError, TagFault
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.compiled import Body
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.safe import SafeString, is_safe, plain
from legacy_bridge.templates.tags.flow import assignments

if TYPE_CHECKING:
    from legacy_bridge.templates.convert.converter import Converter, Tag

i18n = Library("i18n")


# --- conversion


def _translate(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) < 2:
        raise TagFault(f"'{tag.name}' takes at least one argument", 'write {% translate "text" %}')
    message = converter.value(tag.words[1])
    options: dict[str, str] = {}
    rest = tag.words[2:]
    while rest:
        option = rest.pop(0)
        if option in options:
            raise TagFault(f"The '{option}' option was specified more than once.", "write it once")
        if option not in ("noop", "context", "as"):
            raise TagFault(
                f"Unknown argument for '{tag.name}' tag: '{option}'. The only options available "
                "are 'noop', 'context' \"xxx\", and 'as VAR'.",
                'write {% translate "text" context "where" as name %}',
            )
        if option == "noop":
            options[option] = ""
            continue
        if not rest:
            raise TagFault(
                f"No argument provided to the '{tag.name}' tag for the {option} option.",
                f"write a value after {option}",
            )
        options[option] = rest.pop(0)
        if option == "context" and options[option] in ("as", "noop"):
            raise TagFault(
                f"Invalid argument '{options[option]}' provided to the '{tag.name}' tag for the "
                "context option",
                "write a text after context",
            )
    named = [("context", converter.value(options["context"]))] if "context" in options else []
    if "noop" in options:
        named.append(("noop", "True"))
    # The text itself is translated; filters are applied to the translation.
    first = converter.first(tag.words[1])
    filters = message.removeprefix(first)
    if not filters:
        return printed(call("translate", [message], named), options.get("as"))
    translated = f"{call('message', [first], named)}{filters}"
    return printed(call("shown", [translated]), options.get("as"))


i18n.tag("translate")(_translate)
i18n.tag("trans")(_translate)


class _Options:
    """What stands after `blocktranslate`."""

    def __init__(self, converter: "Converter", tag: "Tag") -> None:
        self.values: dict[str, str] = {}
        self.count: tuple[str, str] | None = None
        self.context: str | None = None
        self.target: str | None = None
        self.is_trimmed = False
        self._converter = converter
        self._tag = tag
        seen: set[str] = set()
        rest = tag.words[1:]
        while rest:
            option = rest.pop(0)
            if option in seen:
                raise TagFault(
                    f"The {option!r} option was specified more than once.", "write it once"
                )
            seen.add(option)
            rest = rest[self._take(option, rest) :]

    def _take(self, option: str, rest: Sequence[str]) -> int:
        """Read one option; how many words it took."""
        name = self._tag.name
        if option == "trimmed":
            self.is_trimmed = True
            return 0
        if option in ("with", "count"):
            pairs, taken = assignments(self._converter, rest)
            if option == "with" and not pairs:
                raise TagFault(
                    f'"with" in {name!r} tag needs at least one keyword argument.',
                    "write with name=value",
                )
            if option == "count" and len(pairs) != 1:
                raise TagFault(
                    f'"count" in {name!r} tag expected exactly one keyword argument.',
                    "write count name=value",
                )
            if option == "with":
                self.values = dict(pairs)
            else:
                self.count = pairs[0]
            return taken
        if option == "context":
            self.context = self._context(rest)
            return 1
        if option == "asvar":
            if not rest:
                raise TagFault(
                    f"No argument provided to the '{name}' tag for the asvar option.",
                    "write asvar name",
                )
            self.target = rest[0]
            return 1
        raise TagFault(
            f"Unknown argument for {name!r} tag: {option!r}.",
            "the options are with, count, context, trimmed and asvar",
        )

    def _context(self, rest: Sequence[str]) -> str:
        try:
            return self._converter.value(rest[0])
        except (IndexError, TagFault):
            raise TagFault(
                f'"context" in {self._tag.name!r} tag expected exactly one argument.',
                'write context "where"',
            ) from None


def _blocktranslate(converter: "Converter", tag: "Tag") -> str:
    options = _Options(converter, tag)
    end = f"end{tag.name}"
    singular, closing = _message(converter, tag)
    plural: list[Token] = []
    if options.count is not None:
        if closing.content != "plural":
            raise TagFault(
                f"{tag.name!r} doesn't allow other block tags inside it",
                "write {% plural %} between the two texts",
            )
        plural, closing = _message(converter, tag)
    if closing.content != end:
        raise TagFault(
            f"{tag.name!r} doesn't allow other block tags (seen {closing.content!r}) inside it",
            "compute the value before it and give it by 'with'",
        )
    one, used = _pattern(singular, options.is_trimmed)
    arguments = [quoting.string(one)]
    if options.count is not None:
        many, more = _pattern(plural, options.is_trimmed)
        arguments.append(quoting.string(many))
        used += more
    return _written(converter, tag, options, arguments, used)


def _written(
    converter: "Converter",
    tag: "Tag",
    options: _Options,
    arguments: list[str],
    used: list[str],
) -> str:
    named = []
    if options.values:
        pairs = ", ".join(f"{quoting.string(key)}: {one}" for key, one in options.values.items())
        named.append(("values", f"pairs(**{{{pairs}}})"))
    if options.count is not None:
        named += [("counter", quoting.string(options.count[0])), ("count", options.count[1])]
    if options.context is not None:
        named.append(("context", options.context))
    names = ", ".join(quoting.string(name) for name in dict.fromkeys(used))
    if names:
        named.append(("names", f"several({names})"))
    named.append(("tag", quoting.string(tag.name)))
    return printed(call("blocktranslate", arguments, named), options.target)


i18n.tag("blocktranslate")(_blocktranslate)
i18n.tag("blocktrans")(_blocktranslate)


def _message(converter: "Converter", tag: "Tag") -> tuple[list[Token], Token]:
    """Texts and variables until the next tag, and that tag."""
    found: list[Token] = []
    for token in converter.tokens_until_end(tag):
        if token.kind not in (Kind.TEXT, Kind.VARIABLE):
            return found, token
        found.append(token)
    raise TagFault(f"Unclosed tag: {tag.name!r}", f"write {{% end{tag.name} %}}")


def _pattern(tokens: Iterable[Token], is_trimmed: bool) -> tuple[str, list[str]]:
    """The message as catalogues have it, `%(name)s` for variables, and the variables' names."""
    pieces, names = [], []
    for token in tokens:
        if token.kind is Kind.TEXT:
            pieces.append(token.content.replace("%", "%%"))
        else:
            pieces.append(f"%({token.content})s")
            names.append(token.content)
    text = "".join(pieces)
    if is_trimmed:
        text = re.sub(r"\s*\n\s*", " ", text.strip())
    return text, names


@i18n.tag("language")
def _language(converter: "Converter", tag: "Tag") -> str:
    if len(tag.words) != 2:
        raise TagFault(f"'{tag.name}' takes one argument (language)", 'write {% language "de" %}')
    called = call("language", [converter.value(tag.words[1])])
    return block(called, converter.body(tag, "endlanguage"))


# --- rendering


@i18n.function("translate", takes_context=True, is_final=True)
def translate(context: Context, text: Any, /, **options: Any) -> str:
    return shown(context, message(context, text, **options))


@i18n.function("message", takes_context=True)
def message(context: Context, text: Any, /, *, noop: bool = False, **options: Any) -> Any:
    """The translation, with percent signs doubled; `context` says what the text is about."""
    if noop or text == "":
        return text
    locale = context.environment.locale
    found = locale.translate(
        plain(text.replace("%", "%%")), context.language, options.get("context") or None
    )
    return SafeString(found) if is_safe(text) else found


@i18n.function("shown", takes_context=True, is_final=True)
def shown(context: Context, text: Any, /) -> str:
    printed_text = context.esc(text).replace("%%", "%")
    return SafeString(printed_text) if is_safe(text) else printed_text


@i18n.function("pairs")
def pairs(**values: Any) -> dict[str, Any]:
    return values


@i18n.function("several")
def several(*values: Any) -> tuple[Any, ...]:
    return values


@i18n.function("blocktranslate", takes_context=True, is_final=True)
def blocktranslate(context: Context, one: str, many: str | None = None, /, **options: Any) -> str:
    """A message with the present values in it; without a translation it is printed as written."""
    locale = context.environment.locale
    where = options.get("context") or None
    names = options.get("names", ())
    original = one
    with context.push(**options.get("values", {})):
        if many is None:
            found = locale.translate(one, context.language, where)
        else:
            count = options["count"]
            if not isinstance(count, (Decimal, float, int)):
                raise RenderingError(
                    f"{options['counter']!r} argument to {options['tag']!r} tag must be a number."
                )
            context[options["counter"]] = count
            original = one if count == 1 else many
            found = locale.translate_plural(one, many, count, context.language, where)
        values = {name: _shown(context, name) for name in names}
    try:
        return SafeString(plain(found) % values)
    except (KeyError, ValueError):
        # The translation does not fit the values: the original does.
        return _filled(original, values, str(options.get("tag")))


def _filled(pattern: str, values: dict[str, Any], tag: str) -> str:
    try:
        return SafeString(plain(pattern) % values)
    except (KeyError, ValueError):
        raise RenderingError(
            f"{tag!r} is unable to format string returned by gettext: {pattern!r} using {values!r}"
        ) from None


def _shown(context: Context, name: str) -> str:
    if name in context:
        return context.esc(context[name])
    return context.esc(context.environment.lookup.invalid(name))


@i18n.function("language", takes_context=True, takes_body=True, is_final=True)
def language(context: Context, body: Body, code: Any) -> str:
    with context.environment.locale.speaking(code or None):
        before = context.switch(language=str(code) if code else None)
        try:
            return body(context)
        finally:
            context.switch(**before)
