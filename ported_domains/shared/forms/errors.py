"""What is wrong with a form, and how a page says so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self, TypeAlias

from ported_domains.shared.forms.html import Called, quoted

NON_FIELD_ERRORS = "__all__"
"""The name under which `errors` keeps what is about no field, or about several."""

Problem: TypeAlias = "str | ValidationError | Sequence[Problem]"


@dataclass(frozen=True, slots=True)
class Fault:
    message: str
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Markup stays markup as long as nothing is put into it."""
        return str.__mod__(self.message, self.params) if self.params else self.message


class ValidationError(ValueError):
    """A value is refused. `ValidationError("Only %(most)d.", params={"most": 3})`, or with several
    messages, or with a mapping of fields' names to messages from a form's `clean` or a validator
    of its whole model. Pydantic's validators may raise ValueErrors.
    """

    def __init__(
        self,
        message: "Problem | Mapping[str, Problem]",
        code: str = "",
        params: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.by_field: Mapping[str | None, tuple[Fault, ...]]
        """Key None: the field, or the form, that is being cleaned."""
        match message:
            case str():
                self.by_field = {None: (Fault(message, code, params),)}
            case Mapping():
                self.by_field = {name: _faults(problem) for name, problem in message.items()}
            case _:
                self.by_field = {None: _faults(message)}

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(fault for faults in self.by_field.values() for fault in faults)


def _faults(problem: Problem) -> tuple[Fault, ...]:
    match problem:
        case str():
            return (Fault(problem),)
        case ValidationError():
            return problem.faults
        case _:
            return tuple(fault for one in problem for fault in _faults(one))


class ErrorList(list[str]):
    """Messages about one field, or about the whole form; prints as a list."""

    def __init__(
        self, messages: Sequence[str] = (), *, field_id: str = "", nonfield: bool = False
    ) -> None:
        super().__init__(messages)
        self._field_id = field_id
        self._nonfield = nonfield

    def __call__(self) -> Self:
        """`non_field_errors()` is the same as `non_field_errors`."""
        return self

    def __str__(self) -> str:
        return self.as_ul

    def __html__(self) -> str:
        return self.as_ul

    @property
    def as_ul(self) -> Called:
        if not self:
            return Called()
        kind = "errorlist nonfield" if self._nonfield else "errorlist"
        key = f' id="{quoted(self._field_id)}_error"' if self._field_id else ""
        items = "".join(f"<li>{quoted(message)}</li>" for message in self)
        return Called(f'<ul class="{kind}"{key}>{items}</ul>')

    @property
    def as_text(self) -> Called:
        return Called("\n".join(f"* {quoted(message)}" for message in self).strip())

    def and_hidden(self, name: str, errors: "ErrorList") -> "ErrorList":
        """These and those of a hidden field, for which there is no other place."""
        hidden = [f"(Hidden field {name}) {message}" for message in errors]
        return ErrorList([*self, *hidden], nonfield=self._nonfield)


class Errors(dict[str, ErrorList]):
    """By name of the field; prints as a list of lists."""

    def __str__(self) -> str:
        return self.__html__()

    def __html__(self) -> str:
        if not self:
            return ""
        items = "".join(f"<li>{quoted(name)}{errors.as_ul}</li>" for name, errors in self.items())
        return f'<ul class="errorlist">{items}</ul>'
