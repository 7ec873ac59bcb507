"""Tags with a body in Jinja2's grammar: `{% cache(500, "x") %}…{% else %}…{% endcache %}`."""

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

if TYPE_CHECKING:
    from jinja2 import Environment

PARTIAL = "partialdef"
KEPT_AS = "#as"
"""The argument of a call whose result is kept under a name instead of printed."""


class BodyTags(Extension):
    """One grammar for all of them. Their names are told once the libraries are known."""

    def __init__(self, environment: "Environment") -> None:
        super().__init__(environment)
        self.tags = {PARTIAL}

    def parse(self, parser: Parser) -> nodes.Node:
        lineno = parser.stream.current.lineno
        first = parser.stream.current.value
        called: nodes.Expr = nodes.Name(str(next(parser.stream).value), "load", lineno=lineno)
        while parser.stream.skip_if("dot"):
            called = nodes.Getattr(
                called, str(parser.stream.expect("name").value), "load", lineno=lineno
            )
        if parser.stream.current.type == "lparen":
            call = parser.parse_call(called)
        else:
            call = nodes.Call(called, [], [], None, None, lineno=lineno)
        if parser.stream.skip_if("name:as"):
            kept = nodes.Const(parser.stream.expect("name").value, lineno=lineno)
            call.kwargs.append(nodes.Keyword(KEPT_AS, kept, lineno=lineno))
        end = f"name:end{first}"
        parts = [self._part(parser, lineno, "name:else", end)]
        if parser.stream.current.value == "else":
            next(parser.stream)
            parts.append(self._part(parser, lineno, end))
        next(parser.stream)
        while parser.stream.skip_if("dot"):
            parser.stream.expect("name")
        return nodes.CallBlock(call, [], [], parts, lineno=lineno)

    def _part(self, parser: Parser, lineno: int, *ends: str) -> nodes.Scope:
        return nodes.Scope(parser.parse_statements(ends), lineno=lineno)
