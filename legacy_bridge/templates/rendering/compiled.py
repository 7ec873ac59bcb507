"""The names that compiled templates use besides their own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle as endless
from operator import is_ as is_same
from typing import Any

from legacy_bridge.templates.faults import RenderingError, VariableDoesNotExistError
from legacy_bridge.templates.rendering.context import Context
from legacy_bridge.templates.rendering.including import extend, include_into
from legacy_bridge.templates.safe import EMPTY, SafeString, is_safe, mark_safe

__all__ = [
    "Body",
    "SafeString",
    "VariableDoesNotExistError",
    "begin_loop",
    "cycle",
    "extend",
    "include_into",
    "is_same",
    "items",
    "local_time",
    "or_false",
    "plain_filter",
    "reset_cycle",
    "safe_context_filter",
    "safe_filter",
    "translated",
    "unpacked",
    "write_partial",
]


class Body:
    """What stands inside of a tag, and what stands after its `else`."""

    __slots__ = ("_render", "otherwise")

    def __init__(self, render: Callable[..., object], otherwise: "Body | None" = None) -> None:
        self._render = render
        self.otherwise = otherwise

    def __call__(self, context: Context) -> SafeString:
        """Rendered. What an error left open is closed."""
        out: list[str] = []
        place = context.place()
        try:
            self._render(context, out.append)
        except BaseException:
            context.back_to(place)
            raise
        return SafeString("".join(out))


def items(values: Any) -> Sequence[Any]:
    """What a loop goes through."""
    if values is None:
        return ()
    return values if hasattr(values, "__len__") else list(values)


def begin_loop(context: Context) -> dict[str, Any]:
    loop = {"parentloop": context.vars.get("forloop", {})}
    context["forloop"] = loop
    return loop


def unpacked(item: Any, count: int) -> Iterator[Any]:
    try:
        length = len(item)
    except TypeError:
        length = 1
    if length != count:
        raise ValueError(f"Need {count} values to unpack in for loop; got {length}. ")
    return iter(item)


def write_partial(
    context: Context,
    write: Callable[[str], object],
    partials: Mapping[str, Callable[..., object]],
    name: str,
    template: str | None,
) -> None:
    if name not in partials:
        raise RenderingError(f"Partial {name!r} is not defined in the template {template!r}")
    partials[name](context, write)


def or_false(operator: Callable[..., Any], *operands: Callable[[], Any]) -> Any:
    """In a condition what fails is false."""
    try:
        return operator(*operands)
    except Exception:
        return False


def plain_filter(call: Callable[..., Any]) -> Callable[..., Any]:
    return call


def safe_filter(call: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose result is as safe as what it was given."""

    def filtered(value: Any, *args: Any, **kwargs: Any) -> Any:
        result = call(value, *args, **kwargs)
        return mark_safe(result) if is_safe(value) else result

    return filtered


def safe_context_filter(call: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a filter that takes the context first."""

    def filtered(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        result = call(context, value, *args, **kwargs)
        return mark_safe(result) if is_safe(value) else result

    return filtered


def local_time(context: Context, value: Any) -> Any:
    return context.environment.locale.to_local_time(value, context)


def translated(context: Context, text: str) -> str:
    """`_("…")` in an expression."""
    message = "".join(text).replace("%", "%%")
    return SafeString(context.environment.locale.translate(message, context.language))


def cycle(
    context: Context,
    key: object,
    name: str | None,
    silent: bool,
    values: Sequence[Callable[[Context, dict[str, Any]], Any]],
) -> str:
    turns = context.state.get(key)
    if turns is None:
        turns = context.state[key] = endless(values)
    value = next(turns)(context, context.vars)
    if name:
        context.set_upward(name, value)
    return EMPTY if silent else context.esc(value)


def reset_cycle(context: Context, key: object) -> str:
    context.state.pop(key, None)
    return EMPTY
