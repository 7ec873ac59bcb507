"""A Jinja2 environment that renders the templates of a Django site, with Django's semantics."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from operator import is_not
from typing import TYPE_CHECKING, Any, NoReturn

import jinja2
from jinja2 import BaseLoader, TemplateNotFound, TemplatesNotFound, nodes

from legacy_bridge.templates.compiling.extension import PARTIAL, BodyTags
from legacy_bridge.templates.compiling.generator import Generator
from legacy_bridge.templates.convert.converter import Known, convert, qualified
from legacy_bridge.templates.declarations import Filter, Function
from legacy_bridge.templates.filters import builtin_filters
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context, Write
from legacy_bridge.templates.rendering.locale import Locale
from legacy_bridge.templates.rendering.lookup import Lookup
from legacy_bridge.templates.safe import SafeString
from legacy_bridge.templates.site import Site
from legacy_bridge.templates.tags import builtin_tags

if TYPE_CHECKING:
    from collections.abc import MutableMapping

BUILTINS: tuple[Library, ...] = (builtin_tags, builtin_filters)
_AGAIN = "\0"


class SiteTemplate(jinja2.Template):
    """A compiled template."""

    environment: "TemplateEnvironment"
    body: Any
    partials: dict[str, Any]

    @classmethod
    def _from_namespace(
        cls,
        environment: jinja2.Environment,
        namespace: "MutableMapping[str, Any]",
        globals: "MutableMapping[str, Any]",  # noqa: A002  # Jinja2's name
    ) -> "SiteTemplate":
        template = super()._from_namespace(environment, namespace, globals)
        template.body = namespace["body"]  # type: ignore[attr-defined]
        template.partials = namespace["partials"]  # type: ignore[attr-defined]
        return template  # type: ignore[return-value]

    def render(self, *args: Any, **kwargs: Any) -> str:
        """HTML with these names; `request` is given to the tags as well."""
        names = dict(*args, **kwargs)
        return self.render_context(Context(self.environment, names, request=names.get("request")))

    def render_context(self, context: Context) -> SafeString:
        """HTML with a context that exists. Errors say the template and the line."""
        out: list[str] = []
        try:
            self.into(context, out.append)
        except Exception as error:
            self.environment.tell_place(error)
            self.environment.handle_exception()
        return SafeString("".join(out))

    def into(self, context: Context, write: Write) -> None:
        """Render as a part of something: what cycles and blocks remember is this part's own."""
        before = context.blocks, context.block, context.history, context.state, context.extended
        outer = context.template
        context.blocks = {name: [function] for name, function in self.blocks.items()}  # type: ignore[list-item]
        context.block = None
        context.history = [self.identity]
        context.state = {}
        context.extended = False
        context.template = self.name
        self.body(context, write)
        context.blocks, context.block, context.history, context.state, context.extended = before
        context.template = outer

    def partial(self, name: str) -> "SiteTemplate":
        """A part of this template as a template; raises `jinja2.TemplateNotFound`."""
        if name not in self.partials:
            raise TemplateNotFound(f"{self.name}#{name}")
        part: SiteTemplate = object.__new__(type(self))
        part.__dict__.update(self.__dict__)
        part.body, part.blocks = self.partials[name], {}
        return part

    @property
    def identity(self) -> Any:
        """Tells apart templates of the same name in different directories."""
        return self.filename or self.name or ""


class TemplateEnvironment(jinja2.Environment):
    """Templates, tags and filters of one site.

    `loader` gives Jinja2 source: `DjangoLoader` converts, or a Jinja2 loader reads what
    `strangler templates convert` wrote. `libraries` are those of `{% load %}`.
    """

    template_class = SiteTemplate

    def __init__(
        self,
        loader: BaseLoader | None = None,
        *,
        libraries: Iterable[Library] = (),
        builtins: Iterable[Library] = (),
        locale: Locale | None = None,
        site: Site | None = None,
        escapes: bool = True,
        string_if_invalid: str = "",
        debug: bool = False,
        auto_reload: bool = False,
    ) -> None:
        super().__init__(
            loader=loader,
            extensions=[BodyTags],
            keep_trailing_newline=True,
            auto_reload=auto_reload,
            cache_size=-1,
        )
        self.escapes = escapes
        self.string_if_invalid = string_if_invalid
        self.debug = debug
        self.locale = locale if locale is not None else Locale()
        self.site = site if site is not None else Site()
        self.lookup = Lookup(string_if_invalid)
        self.known = Known((*BUILTINS, *builtins), {one.name: one for one in libraries})
        self.site_filters: dict[str, Filter] = {}
        self.site_functions: dict[str, Function] = {}
        self._tell_libraries()

    def _tell_libraries(self) -> None:
        for library in self.known.builtins:
            self.site_filters |= library.filters
            self.site_functions |= library.functions
        for library in (*self.known.builtins, *self.known.loadable.values()):
            for name, declared in library.filters.items():
                self.site_filters.setdefault(name, declared)
                self.site_filters[qualified(library.name, name)] = declared
            for name, function in library.functions.items():
                self.site_functions.setdefault(name, function)
                self.site_functions[qualified(library.name, name)] = function
        # Jinja2 itself looks there when it is asked what names a template uses.
        self.filters.update({name: one.call for name, one in self.site_filters.items()})
        self.tests["otherthan"] = is_not
        tags = {
            name.partition(".")[0]
            for name, function in self.site_functions.items()
            if function.takes_body
        }
        extension: Any = self.extensions[BodyTags.identifier]
        extension.tags = {PARTIAL, *tags}

    # --- templates

    def as_template(self, value: object) -> SiteTemplate | None:
        """`value` as what can be extended and included by itself, without a name."""
        if isinstance(value, SiteTemplate):
            return value
        inner = getattr(value, "template", None)
        return inner if isinstance(inner, SiteTemplate) else None

    def template(self, name: str) -> SiteTemplate:
        """The template of this name, or `name#part` of it; raises `jinja2.TemplateNotFound`."""
        whole, _, part = name.partition("#")
        found: SiteTemplate = self.get_template(whole)  # type: ignore[assignment]
        return found.partial(part) if part else found

    def first_template(self, names: Sequence[str]) -> SiteTemplate:
        """The first that there is; raises `jinja2.TemplatesNotFound`."""
        for name in names:
            with suppress(TemplateNotFound):
                return self.template(name)
        if len(names) == 1:
            return self.template(names[0])
        raise TemplatesNotFound(list(names))

    def parent(self, name: str, history: list[Any]) -> SiteTemplate:
        """The template of this name that is not in `history`: one may extend its namesake."""
        for again in range(len(history) + 1):
            template = self.template(name + _AGAIN * again)
            if template.identity not in history:
                history.append(template.identity)
                return template
        raise TemplateNotFound(name)

    def from_django(self, source: str, name: str = "<string>") -> SiteTemplate:
        """A template from Django source; raises `TemplateFaultsError`."""
        code = self.compile(convert(source, name, self.known), name, name)
        return SiteTemplate.from_code(self, code, self.make_globals(None))  # type: ignore[return-value]

    # --- Jinja2's hooks

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        shows_invalid = bool(self.string_if_invalid)
        generator = Generator(name, filename, self.site_filters, self.site_functions, shows_invalid)
        return generator.generate(source)

    def tell_place(self, error: Exception) -> None:
        """Add the innermost template's file and line to an error."""
        place = ""
        trace = error.__traceback__
        while trace is not None:
            template = trace.tb_frame.f_globals.get("__jinja_template__")
            if isinstance(template, SiteTemplate):
                line = template.get_corresponding_lineno(trace.tb_lineno)
                place = f"In template {template.filename or template.name}, line {line}"
            trace = trace.tb_next
        if place and place not in getattr(error, "__notes__", ()):
            error.add_note(place)

    def handle_exception(self, source: str | None = None) -> NoReturn:
        super().handle_exception(source)
