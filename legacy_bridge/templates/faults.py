"""What can be wrong with a template: each fault says where, what, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one template. `line` counts from 1, in the template as it was written."""

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem} — {self.remedy}"


class TagFault(Exception):  # noqa: N818  # a fault of the template, which is collected
    """Raised where a tag is read; the converter adds the place and goes on with the next tag."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class TemplateFaultsError(jinja2.TemplateSyntaxError):
    """A template that cannot be converted. Its message is the first fault; `faults` has all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(f"{first.problem} — {first.remedy}", first.line, first.file, first.file)
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type["TemplateFaultsError"], tuple[Sequence[Fault]]]:
        return (TemplateFaultsError, (self.faults,))


class VariableDoesNotExistError(LookupError):
    """A variable that must exist does not: Django lets these through in a filter's argument."""

    def __init__(self, path: str) -> None:
        super().__init__(f"No value is named {path!r} in the template's context")
        self.path = path


class RenderingError(Exception):
    """What a tag was given while rendering makes no sense to it."""
