"""Expressions of a converted template to Python, by what a missing value is in their place."""

from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from jinja2 import nodes

from legacy_bridge.templates.compiling.extension import KEPT_AS
from legacy_bridge.templates.compiling.writer import Module
from legacy_bridge.templates.declarations import Filter, Function, Missing

_ONE_OBJECT = range(-5, 257)
"""Whole numbers of which Python has one object each."""

Fail = Callable[[str, int], NoReturn]
Path = tuple[str, tuple[str, ...]]


class Expressions:
    """Python source of Jinja2 nodes. Values are looked up in `c`; `ctx` is the context."""

    def __init__(
        self,
        module: Module,
        filters: Mapping[str, Filter],
        functions: Mapping[str, Function],
        cycles: Mapping[int, str],
        shows_invalid: bool,
        fail: Fail,
    ) -> None:
        self._module = module
        self._filters = filters
        self._functions = functions
        self._cycles = cycles
        self._shows_invalid = shows_invalid
        self._fail = fail
        self.named_cycles: dict[str, nodes.Call] = {}

    def value(self, node: nodes.Node, missing: Missing = Missing.EMPTY) -> str:  # noqa: RET503  # fails
        found = path_of(node)
        if found is not None:
            return self._lookup(found, missing)
        if isinstance(node, nodes.Const):
            return self._literal(node.value)
        if isinstance(node, nodes.Neg):
            return f"(-{self.value(node.node)})"
        if isinstance(node, nodes.Filter):
            return self._filtered(node, missing)
        if isinstance(node, nodes.Tuple):
            return f"({', '.join(self.value(item) for item in node.items)},)"
        if isinstance(node, nodes.Call):
            return self.call(node)
        self._fail(f"A Django site's templates have no {type(node).__name__}", node.lineno)

    def argument(self, node: nodes.Node) -> str:
        """A filter's argument: a missing variable is an error."""
        found = path_of(node)
        if found is None:
            return self.value(node)
        root, bits = found
        return f"strict({names(root, *bits)})"

    # --- variables and constants

    def _literal(self, value: object) -> str:
        """Each literal is an object of its own, which `is` tells apart; small numbers are not."""
        if isinstance(value, str):
            return self._module.own_constant(f"SafeString({value!r})")
        if isinstance(value, float) or (type(value) is int and value not in _ONE_OBJECT):
            return self._module.own_constant(f"{type(value).__name__}({str(value)!r})")
        return repr(value)

    def _lookup(self, found: Path, missing: Missing) -> str:
        root, bits = found
        prefix = "empty" if missing is Missing.EMPTY else "none"
        name = prefix if bits else f"{prefix}_name"
        return f"{name}({names(root, *bits)})"

    # --- filters

    def _filtered(self, node: nodes.Filter, missing: Missing) -> str:
        chain, first = filter_chain(node)
        # Of a translated variable the variable is what may be missing.
        is_message = isinstance(first, nodes.Call) and function_name(first) == "message"
        inner = first.args[0] if isinstance(first, nodes.Call) and is_message else first
        found = path_of(inner) if inner is not None else None
        if found is None or missing is Missing.NONE or not self._shows_invalid:
            start = "value" if first is None else self.value(first, missing)
            return self.apply(chain, start)
        root, bits = found
        strict = f"strict({names(root, *bits)})"
        if isinstance(first, nodes.Call) and is_message:
            strict = self.call(first, first=strict)
        path = ".".join((root, *bits))
        rest = f"lambda value: {self.apply(chain, 'value')}"
        return f"filtered(lambda: {strict}, {path!r}, {rest})"

    def apply(self, chain: Sequence[nodes.Filter], source: str) -> str:
        for node in chain:
            declared = self._filters.get(node.name)
            if declared is None:
                self._fail(f"Invalid filter: {node.name!r}", node.lineno)
            source = self._applied(node, declared, source)
        return source

    def _applied(self, node: nodes.Filter, declared: Filter, source: str) -> str:
        kind = "plain_filter"
        if declared.is_safe:
            kind = "safe_context_filter" if declared.takes_context else "safe_filter"
        call = self._module.constant(f"{kind}(environment.site_filters[{node.name!r}].call)")
        if declared.expects_localtime:
            source = f"local_time(ctx, {source})"
        arguments = [source, *map(self.argument, node.args)]
        if declared.takes_context:
            arguments.insert(0, "ctx")
        if declared.needs_autoescape:
            arguments.append("autoescape=ctx.autoescape")
        return f"{call}({', '.join(arguments)})"

    # --- calls of tags

    def call(self, node: nodes.Call, body: str | None = None, first: str | None = None) -> str:
        """The result of a tag's function, neither escaped nor written.

        `body` is the source of its body, `first` that of its first argument, if it is not the one
        of `node`.
        """
        name = function_name(node)
        special = self._special(name, node)
        if special is not None:
            return special
        declared = self.declared(node)
        arguments = [
            source
            for source, wanted in (
                ("ctx", declared.takes_context),
                (body or "", declared.takes_body),
                (self._key(), declared.keeps_state),
            )
            if wanted
        ]
        for at, argument in enumerate(node.args):
            source = self.value(argument, declared.missing)
            if at == 0 and first is not None:
                source = first
            arguments.append(f"lambda: {source}" if at >= declared.lazy_from else source)
        arguments += self._named(node, declared)
        call = self._module.constant(f"environment.site_functions[{name!r}].call")
        return f"{call}({', '.join(arguments)})"

    def declared(self, node: nodes.Call) -> Function:
        name = function_name(node)
        declared = self._functions.get(name)
        if declared is None:
            self._fail(f"No tag is registered as {name!r}", node.lineno)
        return declared

    def _key(self) -> str:
        """Says which place of which template it is."""
        return self._module.constant(f"object() or {self._module.unique('')!r}")

    def _named(self, node: nodes.Call, declared: Function) -> list[str]:
        pairs = [
            (keyword.key, self.value(keyword.value, declared.missing))
            for keyword in node.kwargs
            if keyword.key != KEPT_AS
        ]
        if isinstance(node.dyn_kwargs, nodes.Dict):
            pairs += [
                (item.key.as_const(), self.value(item.value, declared.missing))
                for item in node.dyn_kwargs.items
            ]
        if not pairs:
            return []
        return ["**{" + ", ".join(f"{key!r}: {value}" for key, value in pairs) + "}"]

    def _special(self, name: str, node: nodes.Call) -> str | None:
        if name == "super":
            return "ctx.super()"
        if name == "_":
            return f"translated(ctx, {self.value(node.args[0])})"
        if name == "cycle":
            return self._cycle(node)
        if name in ("next_cycle", "reset_cycle"):
            wanted = node.args[0].as_const()
            if wanted not in self.named_cycles:
                self._fail(f"Named cycle {wanted!r} does not exist", node.lineno)
            return self._cycle(self.named_cycles[wanted], is_reset=name == "reset_cycle")
        return None

    def _cycle(self, node: nodes.Call, is_reset: bool = False) -> str:
        options = {keyword.key: keyword.value.as_const() for keyword in node.kwargs}
        key = self._module.constant(f"(KEY, {self._cycles[id(node)]!r})")
        if is_reset:
            return f"reset_cycle(ctx, {key})"
        values = [f"lambda ctx, c: {self.value(value)}" for value in node.args]
        constant = self._module.constant(f"({', '.join(values)},)")
        name, silent = options.get("name"), bool(options.get("silent"))
        return f"cycle(ctx, {key}, {name!r}, {silent!r}, {constant})"


def names(*path: str) -> str:
    return ", ".join(["c", *map(repr, path)])


def path_of(node: nodes.Node) -> Path | None:
    """The name and the look-ups of a variable, or `None` for another expression."""
    bits: list[str] = []
    while True:
        match node:
            case nodes.Getattr():
                bits.append(node.attr)
                node = node.node
            case nodes.Getitem(arg=nodes.Const(value=value)):
                bits.append(str(value))
                node = node.node
            case nodes.Name():
                return node.name, tuple(reversed(bits))
            case nodes.Call(node=nodes.Name(name="var"), args=[nodes.Const(value=value)]):
                return str(value), tuple(reversed(bits))
            case _:
                return None


def filter_chain(node: nodes.Filter) -> tuple[list[nodes.Filter], nodes.Node | None]:
    """The filters in the order they are applied, and what they are applied to."""
    chain: list[nodes.Filter] = []
    at: nodes.Node | None = node
    while isinstance(at, nodes.Filter):
        chain.append(at)
        at = at.node
    return chain[::-1], at


def function_name(node: nodes.Call) -> str:
    found = path_of(node.node)
    return ".".join((found[0], *found[1])) if found else ""
