"""Template tags and filters of a site, declared in Python with the decorators Django has.

    register = Library("blogs")

    @register.filter(is_safe=True)
    def shout(value): ...

    @register.simple_tag(takes_context=True)
    def latest(context, limit=5): ...

    @register.inclusion_tag("boxes/box.html")
    def box(label): ...

    @register.simple_block_tag
    def panel(content, title): ...

A tag with a grammar of its own is converted by `@register.tag`, and runs as a `@register.function`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from legacy_bridge.templates.convert.calls import block_syntax, simple_syntax
from legacy_bridge.templates.declarations import Declared, Function, filter_of, signature_of
from legacy_bridge.templates.rendering.including import inclusion

F = TypeVar("F", bound=Callable[..., Any])


class Library(Declared):
    """What `{% load name %}` brings, declared by decorators."""

    @overload
    def filter(self, name: F, /) -> F: ...
    @overload
    def filter(self, name: str | None = None, /, **flags: bool) -> Callable[[F], F]: ...
    def filter(self, name: Any = None, /, **flags: bool) -> Any:
        """`@filter`, `@filter("name", is_safe=…, needs_autoescape=…, expects_localtime=…)`."""
        if callable(name):
            return self.filter()(name)

        def declare(function: F) -> F:
            self.filters[name or function.__name__] = filter_of(function, **flags)
            return function

        return declare

    def function(self, name: str, **flags: Any) -> Callable[[F], F]:
        """What a converted template calls by this name; see `Function` for the flags."""

        def declare(function: F) -> F:
            self.functions[name] = Function(function, **flags)
            return function

        return declare

    def tag(self, name: str) -> Callable[[F], F]:
        """How a tag with its own grammar is converted: `(converter, tag) -> Jinja2 source`."""

        def declare(syntax: F) -> F:
            self.tags[name] = syntax
            return syntax

        return declare

    @overload
    def simple_tag(self, call: F, /) -> F: ...
    @overload
    def simple_tag(
        self, /, *, name: str | None = None, takes_context: bool = False
    ) -> Callable[[F], F]: ...
    def simple_tag(
        self, call: Any = None, /, *, name: str | None = None, takes_context: bool = False
    ) -> Any:
        """A tag that prints what the function returns, or keeps it: `{% tag a b=c as name %}`."""
        if call is not None:
            return self.simple_tag()(call)

        def declare(function: F) -> F:
            known = name or function.__name__
            self.functions[known] = Function(function, takes_context)
            signature = signature_of(function, int(takes_context))
            first = ("context",) if takes_context else ()
            self.tags[known] = simple_syntax(known, signature, first)
            return function

        return declare

    def inclusion_tag(
        self, template: object, *, name: str | None = None, takes_context: bool = False
    ) -> Callable[[F], F]:
        """A tag that renders a template with the names that the function returns."""

        def declare(function: F) -> F:
            known = name or function.__name__
            call = inclusion(template, function, takes_context)
            self.functions[known] = Function(call, takes_context=True, is_final=True)
            signature = signature_of(function, int(takes_context))
            first = ("context",) if takes_context else ()
            self.tags[known] = simple_syntax(known, signature, first, may_keep=False)
            return function

        return declare

    @overload
    def simple_block_tag(self, call: F, /) -> F: ...
    @overload
    def simple_block_tag(
        self,
        /,
        *,
        name: str | None = None,
        takes_context: bool = False,
        end_name: str | None = None,
    ) -> Callable[[F], F]: ...
    def simple_block_tag(
        self,
        call: Any = None,
        /,
        *,
        name: str | None = None,
        takes_context: bool = False,
        end_name: str | None = None,
    ) -> Any:
        """A tag with a body, which the function gets rendered as `content`."""
        if call is not None:
            return self.simple_block_tag()(call)

        def declare(function: F) -> F:
            known = name or function.__name__

            def rendered(context: Any, body: Any, *args: Any, **kwargs: Any) -> Any:
                content = body(context)
                first = (context, content) if takes_context else (content,)
                return function(*first, *args, **kwargs)

            signature = signature_of(function, 1 + takes_context)
            self.functions[known] = Function(rendered, takes_context=True, takes_body=True)
            own = ("context", "content") if takes_context else ("content",)
            self.tags[known] = block_syntax(known, end_name or f"end{known}", signature, own)
            return function

        return declare
