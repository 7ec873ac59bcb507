"""Conditions to Python. In Django a comparison or an operator whose operands fail is false.

The plain Python is tried first; only if it raises, each operator is evaluated by itself.
"""

from jinja2 import nodes

from legacy_bridge.templates.compiling.expressions import Expressions
from legacy_bridge.templates.declarations import Missing

_OPERATORS = {
    "eq": "==",
    "ne": "!=",
    "gt": ">",
    "gteq": ">=",
    "lt": "<",
    "lteq": "<=",
    "in": "in",
    "notin": "not in",
}


class Conditions:
    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions

    def has_operators(self, node: nodes.Node) -> bool:
        return isinstance(node, nodes.And | nodes.Or | nodes.Not | nodes.Compare | nodes.Test)

    def fast(self, node: nodes.Node) -> str:
        """As Python evaluates it."""
        match node:
            case nodes.And():
                return f"({self.fast(node.left)} and {self.fast(node.right)})"
            case nodes.Or():
                return f"({self.fast(node.left)} or {self.fast(node.right)})"
            case nodes.Not():
                return f"(not {self.fast(node.node)})"
            case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]):
                return f"({self.fast(left)} {_OPERATORS[op]} {self.fast(right)})"
            case nodes.Test(node=left, name="otherthan", args=[right]):
                return f"(not is_same({self.fast(left)}, {self.fast(right)}))"
            case nodes.Test(node=left, name="sameas", args=[right]):
                return f"is_same({self.fast(left)}, {self.fast(right)})"
        return self._expressions.value(node, Missing.NONE)

    def careful(self, node: nodes.Node) -> str:
        """Each operator false by itself where it fails."""
        match node:
            case nodes.And():
                return self._infix("{0}() and {1}()", node.left, node.right)
            case nodes.Or():
                return self._infix("{0}() or {1}()", node.left, node.right)
            case nodes.Not():
                return self._infix("not {0}()", node.node)
            case nodes.Compare(expr=left, ops=[nodes.Operand(op=op, expr=right)]):
                return self._infix(f"{{0}}() {_OPERATORS[op]} {{1}}()", left, right)
            case nodes.Test(node=left, name="otherthan", args=[right]):
                return self._infix("not is_same({0}(), {1}())", left, right)
            case nodes.Test(node=left, name="sameas", args=[right]):
                return self._infix("is_same({0}(), {1}())", left, right)
        return self._expressions.value(node, Missing.NONE)

    def _infix(self, pattern: str, *operands: nodes.Node) -> str:
        names = ["a", "b"][: len(operands)]
        given = ", ".join(f"lambda: {self.careful(operand)}" for operand in operands)
        return f"or_false(lambda {', '.join(names)}: {pattern.format(*names)}, {given})"
