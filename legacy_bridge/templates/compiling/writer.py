"""The Python source of one template, and which of its lines come from which template line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Module:
    """Constants at the top, then functions; constants with the same source are one."""

    def __init__(self) -> None:
        self._constants: dict[str, str] = {}
        self._functions: list[Function] = []
        self._count = 0

    def constant(self, source: str) -> str:
        if source not in self._constants:
            self._constants[source] = f"k{len(self._constants)}"
        return self._constants[source]

    def own_constant(self, source: str) -> str:
        """A constant that no other one is."""
        return self.constant(f"{source}  # {self.unique('')}")

    def unique(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    @contextmanager
    def function(self, name: str) -> Iterator["Function"]:
        written = Function(name)
        yield written
        self._functions.append(written)

    def source(self, head: list[str], tail: Callable[[str], list[str]]) -> str:
        lines = list(head)
        lines += [f"{name} = {source}" for source, name in self._constants.items()]
        places: list[tuple[int, int]] = []
        for function in self._functions:
            start = len(lines)
            lines += function.lines
            places += [(line, start + at) for at, line in function.places]
        debug = "&".join(f"{line}={at + 1}" for line, at in places)
        return "\n".join([*lines, *tail(debug), ""])


class Function:
    """One function: `c` are the names, `w` writes, `esc` prints a value."""

    def __init__(self, name: str) -> None:
        self.lines = [f"def {name}(ctx, w):", "  c = ctx.vars; esc = ctx.esc"]
        self.places: list[tuple[int, int]] = []
        self._depth = 1
        self._line = 0

    def at(self, line: int) -> None:
        """What is written from here on comes from this line of the template."""
        if line != self._line:
            self._line = line
            self.places.append((len(self.lines), line))

    def write(self, source: str) -> None:
        self.lines.append("  " * self._depth + source)

    @contextmanager
    def indented(self, head: str) -> Iterator[None]:
        self.write(head)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.write("pass")
        self._depth -= 1
