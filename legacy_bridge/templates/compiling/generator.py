"""A parsed template to one Python module: `body` and a function for each block.

Every name lives in the context, which is what Django templates mean: includes, blocks and tags see
loop variables, and a tag may set names for what follows it. Functions have no state of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from jinja2 import TemplateSyntaxError, nodes

from legacy_bridge.templates.compiling import loops
from legacy_bridge.templates.compiling.conditions import Conditions
from legacy_bridge.templates.compiling.expressions import (
    Expressions,
    filter_chain,
    function_name,
    path_of,
)
from legacy_bridge.templates.compiling.extension import KEPT_AS, PARTIAL
from legacy_bridge.templates.compiling.writer import Function, Module
from legacy_bridge.templates.declarations import Filter, Missing
from legacy_bridge.templates.declarations import Function as TagFunction

_HEAD = [
    "from legacy_bridge.templates.rendering.compiled import *",
    "lookup = environment.lookup",
    "empty = lookup.empty; empty_name = lookup.empty_name",
    "none = lookup.none; none_name = lookup.none_name",
    "strict = lookup.strict; filtered = lookup.filtered",
    "KEY = object()",
]


class Generator:
    """Writes the module of one template."""

    def __init__(
        self,
        name: str | None,
        filename: str | None,
        filters: Mapping[str, Filter],
        functions: Mapping[str, TagFunction],
        shows_invalid: bool,
    ) -> None:
        self._name = name
        self._filename = filename
        self._filters = filters
        self._functions = functions
        self._shows_invalid = shows_invalid
        self._module = Module()
        self._partials: list[str] = []
        self._writers: dict[type[nodes.Node], Callable[[Any, Function], None]] = {
            nodes.Output: self._output,
            nodes.If: self._if,
            nodes.For: self._for,
            nodes.Block: self._block,
            nodes.With: self._with,
            nodes.Assign: self._assign,
            nodes.Include: self._plain_include,
            nodes.ScopedEvalContextModifier: self._autoescape,
            nodes.FilterBlock: self._filter_block,
            nodes.CallBlock: self._call_block,
            nodes.Scope: self._scope,
        }

    def generate(self, template: nodes.Template) -> str:
        cycles = [one for one in template.find_all(nodes.Call) if function_name(one) == "cycle"]
        self._expressions = Expressions(
            self._module,
            self._filters,
            self._functions,
            {id(one): f"#{at}" for at, one in enumerate(cycles, 1)},
            self._shows_invalid,
            self._fail,
        )
        for at, one in enumerate(cycles, 1):
            names = {pair.key: pair.value.as_const() for pair in one.kwargs}
            self._expressions.named_cycles[names.get("name") or f"#{at}"] = one
        self._conditions = Conditions(self._expressions)
        blocks = list(template.find_all(nodes.Block))
        with self._module.function("body") as function:
            self._root(template.body, function)
        for block in blocks:
            with self._module.function(f"block_{block.name}") as function:
                self._statements(block.body, function)
        table = ", ".join(f"{block.name!r}: block_{block.name}" for block in blocks)
        return self._module.source(
            [f"name = {self._name!r}", *_HEAD],
            lambda debug: [
                "def root(context):",
                "  out = []",
                "  body(context, out.append)",
                "  return out",
                f"blocks = {{{table}}}",
                f"partials = {{{', '.join(self._partials)}}}",
                f"debug_info = {debug!r}",
            ],
        )

    def _root(self, body: Sequence[nodes.Node], function: Function) -> None:
        """After `extends` nothing of this template is rendered but its blocks."""
        for at, node in enumerate(body):
            if isinstance(node, nodes.Extends):
                self._statements(body[:at], function)
                function.at(node.lineno)
                parent = self._expressions.value(node.template)
                found = path_of(node.template)
                said = ".".join((found[0], *found[1])) if found else ""
                function.write(f"extend(ctx, w, {parent}, {self._name!r}, {said!r})")
                return
        self._statements(body, function)

    def _statements(self, body: Sequence[nodes.Node], function: Function) -> None:
        for node in body:
            self._statement(node, function)

    def _statement(self, node: nodes.Node, function: Function) -> None:
        if not isinstance(node, nodes.Output):
            function.at(node.lineno)
        write = self._writers.get(type(node))
        if write is None:
            self._fail(f"A Django site's templates have no {type(node).__name__} here", node.lineno)
        write(node, function)

    def _block(self, node: nodes.Block, function: Function) -> None:
        function.write(f"ctx.render_block(w, {node.name!r})")

    def _assign(self, node: nodes.Assign, function: Function) -> None:
        if not isinstance(node.target, nodes.Name):
            self._fail("'set' needs one name", node.lineno)
        value = self._expressions.value(node.node)
        function.write(f"ctx[{node.target.name!r}] = {value}")

    def _plain_include(self, node: nodes.Include, function: Function) -> None:
        name = self._expressions.value(node.template)
        function.write(f"include_into(ctx, w, {self._name!r}, {name})")

    def _scope(self, node: nodes.Scope, function: Function) -> None:
        self._statements(node.body, function)

    # --- what prints

    def _output(self, node: nodes.Output, function: Function) -> None:
        text = ""
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                text += child.data
                continue
            text = _flush(text, function)
            function.at(child.lineno)
            function.write(self._printed(child))
        _flush(text, function)

    def _printed(self, child: nodes.Node) -> str:
        if isinstance(child, nodes.Call) and path_of(child) is None:
            name = function_name(child)
            if name == "partial":
                wanted = child.args[0].as_const()
                return f"write_partial(ctx, w, partials, {wanted!r}, {self._name!r})"
            if name in ("include", "include_only"):
                return self._include(child, name == "include_only")
            value = self._expressions.call(child)
            if name == "super":
                return f"w({value})"
            if name in ("cycle", "next_cycle", "reset_cycle"):
                return f"w({value})"
            if name != "_":
                final = self._expressions.declared(child).is_final
                return f"w({value})" if final else f"w(ctx.printer.conditional({value}))"
        if isinstance(child, nodes.Const) and isinstance(child.value, str):
            return f"w({child.value!r})"
        return f"w(esc({self._expressions.value(child)}))"

    def _include(self, call: nodes.Call, only: bool) -> str:
        name = self._expressions.value(call.args[0])
        pairs = [(pair.key, pair.value) for pair in call.kwargs]
        if isinstance(call.dyn_kwargs, nodes.Dict):
            pairs += [(item.key.as_const(), item.value) for item in call.dyn_kwargs.items]
        values = ", ".join(f"{key!r}: {self._expressions.value(value)}" for key, value in pairs)
        return f"include_into(ctx, w, {self._name!r}, {name}, {{{values}}}, {only})"

    # --- what decides

    def _if(self, node: nodes.If, function: Function) -> None:
        function.at(node.lineno)
        condition = self._condition(node.test, function)
        with function.indented(f"if {condition}:"):
            self._statements(node.body, function)
        if node.elif_:
            with function.indented("else:"):
                first, *rest = node.elif_
                following = nodes.If(first.test, first.body, rest, node.else_, lineno=first.lineno)
                self._if(following, function)
        elif node.else_:
            with function.indented("else:"):
                self._statements(node.else_, function)

    def _condition(self, test: nodes.Node, function: Function) -> str:
        source = self._conditions.fast(test)
        if self._conditions.has_operators(test):
            name = self._module.unique("t")
            with function.indented("try:"):
                function.write(f"{name} = True if {source} else False")
            with function.indented("except Exception:"):
                function.write(f"{name} = {self._conditions.careful(test)}")
            return name
        if isinstance(test, nodes.Filter):
            name = self._module.unique("t")
            with function.indented("try:"):
                function.write(f"{name} = {source}")
            with function.indented("except VariableDoesNotExistError:"):
                function.write(f"{name} = None")
            return name
        return source

    def _for(self, node: nodes.For, function: Function) -> None:
        iterated = node.iter
        is_reversed = isinstance(iterated, nodes.Call) and function_name(iterated) == "reversed"
        if isinstance(iterated, nodes.Call) and is_reversed:
            iterated = iterated.args[0]
        values, count = self._module.unique("v"), self._module.unique("n")
        function.write("ctx.enter()")
        function.write(f"{values} = items({self._expressions.value(iterated, Missing.NONE)})")
        function.write(f"{count} = len({values})")
        with function.indented(f"if {count} > 0:"):
            if is_reversed:
                function.write(f"{values} = reversed({values})")
            self._loop(node, values, count, function)
        if node.else_:
            with function.indented("else:"):
                self._statements(node.else_, function)
        function.write("ctx.leave()")

    def _loop(self, node: nodes.For, values: str, count: str, function: Function) -> None:
        keys = loops.used_keys(node.body)
        loop, at, item = (self._module.unique(letter) for letter in "lia")
        if keys is not None:
            function.write(f"{loop} = begin_loop(ctx)")
            head = f"for {at}, {item} in enumerate({values}):"
        else:
            head = f"for {item} in {values}:"
        targets = node.target.items if isinstance(node.target, nodes.Tuple) else [node.target]
        names = [target.name for target in targets if isinstance(target, nodes.Name)]
        for name in names:
            function.write(f"ctx[{name!r}] = None")
        scoped = len(names) > 1 and loops.sets_names(node.body)
        with function.indented(head):
            for key in keys or ():
                function.write(f"{loop}[{key!r}] = {loops.KEYS[key].format(i=at, n=count)}")
            if scoped:
                function.write("ctx.enter()")
            self._bind(names, item, function)
            self._statements(node.body, function)
            if scoped:
                function.write("ctx.leave()")

    def _bind(self, names: Sequence[str], item: str, function: Function) -> None:
        if len(names) == 1:
            function.write(f"c[{names[0]!r}] = {item}")
            return
        targets = ", ".join(f"c[{name!r}]" for name in names)
        function.write(f"{targets} = unpacked({item}, {len(names)})")

    # --- what stands around something

    def _with(self, node: nodes.With, function: Function) -> None:
        names = [target.name for target in node.targets if isinstance(target, nodes.Name)]
        values = [self._expressions.value(value) for value in node.values]
        function.write(f"values = ({', '.join(values)},)")
        function.write("ctx.enter()")
        for at, name in enumerate(names):
            function.write(f"ctx[{name!r}] = values[{at}]")
        self._statements(node.body, function)
        function.write("ctx.leave()")

    def _autoescape(self, node: nodes.ScopedEvalContextModifier, function: Function) -> None:
        switch = self._module.unique("s")
        value = node.options[0].value.as_const()
        function.write(f"{switch} = ctx.switch(autoescape={bool(value)}); esc = ctx.esc")
        self._statements(node.body, function)
        function.write(f"ctx.switch(**{switch}); esc = ctx.esc")

    def _filter_block(self, node: nodes.FilterBlock, function: Function) -> None:
        body = self._body(node.body)
        chain, _ = filter_chain(node.filter)
        function.write(f"w(str({self._expressions.apply(chain, f'{body}(ctx)')}))")

    def _partial(self, node: nodes.CallBlock, function: Function) -> None:
        """A function that is found by its name; written here as well, if it is inline."""
        name = self._module.unique("partial")
        body = [part for part in node.body if isinstance(part, nodes.Scope)]
        with self._module.function(name) as written:
            self._statements(body, written)
        self._partials.append(f"{node.call.args[0].as_const()!r}: {name}")
        if node.call.kwargs:
            function.write(f"{name}(ctx, w)")

    def _call_block(self, node: nodes.CallBlock, function: Function) -> None:
        if function_name(node.call) == PARTIAL:
            self._partial(node, function)
            return
        parts = [part.body for part in node.body if isinstance(part, nodes.Scope)]
        other = self._body(parts[1]) if len(parts) > 1 else "None"
        body = self._body(parts[0], other)
        call = node.call
        value = self._expressions.call(call, body)
        kept = next((pair.value for pair in call.kwargs if pair.key == KEPT_AS), None)
        if kept is not None:
            function.write(f"ctx[{kept.as_const()!r}] = {value}")
        elif self._expressions.declared(call).is_final:
            function.write(f"w({value})")
        else:
            function.write(f"w(ctx.printer.conditional({value}))")

    def _body(self, body: Sequence[nodes.Node], other: str = "None") -> str:
        """A constant that renders `body`."""
        name = self._module.unique("part")
        with self._module.function(name) as function:
            self._statements(body, function)
        return self._module.constant(f"Body(lambda ctx, w: {name}(ctx, w), {other})")

    def _fail(self, message: str, line: int) -> NoReturn:
        raise TemplateSyntaxError(message, line, self._name, self._filename)


def _flush(text: str, function: Function) -> str:
    if text:
        function.write(f"w({text!r})")
    return ""
