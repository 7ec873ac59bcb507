"""What a valid form hands out: a Pydantic model of its values, whose rules are the form's too."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence, Set
from typing import Any, get_args

import pydantic
from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from ported_domains.shared.forms.errors import ValidationError
from ported_domains.shared.forms.fields import Field
from ported_domains.shared.forms.validators import bound_refusal, digits_refusal, length_refusal


class Cleaned(BaseModel):
    """Subclass it and state a value for each field of the form, secrets as SecretStr.

    Values come as the fields and their hooks leave them: of the exact type, nothing is converted.
    Rules are Pydantic's constraints and validators; these raise ValueError or ValidationError.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


_OF_TYPE = frozenset(
    {"missing", "extra_forbidden", "none_required", "is_instance_of"}
    | {kind for kind in get_args(ErrorType) if kind.endswith("_type")}
)
"""Faults that no input of a visitor's can mend: form and model do not fit."""

_Words = Callable[[Mapping[str, Any], Any], ValidationError]
_DJANGOS_WORDS: Mapping[str, _Words] = {
    "string_too_short": lambda told, value: length_refusal("min_length", told["min_length"], value),
    "string_too_long": lambda told, value: length_refusal("max_length", told["max_length"], value),
    "string_pattern_mismatch": lambda _, __: ValidationError("Enter a valid value.", "invalid"),
    "greater_than_equal": lambda told, value: bound_refusal("min_value", told["ge"], value),
    "less_than_equal": lambda told, value: bound_refusal("max_value", told["le"], value),
    "decimal_max_digits": lambda told, value: digits_refusal(
        "max_digits", told["max_digits"], value
    ),
    "decimal_max_places": lambda told, value: digits_refusal(
        "max_decimal_places", told["decimal_places"], value
    ),
    "decimal_whole_digits": lambda told, value: digits_refusal(
        "max_whole_digits", told["whole_digits"], value
    ),
}
"""Of the constraints that Django's fields have as well; of others the words are Pydantic's."""


def stated(model: type[Cleaned]) -> Mapping[str, FieldInfo]:
    """By field of the form: the alias, where that cannot be an attribute's name (`copy`)."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def misfits(
    model: type[Cleaned], fields: Mapping[str, Field], hooked: Container[str]
) -> Iterator[str]:
    """Why a form of these fields can never hand out the model.

    `hooked`: fields with a hook, which may make something of another type.
    """
    known = stated(model)
    for name, field in fields.items():
        if name not in known:
            yield f"{name}: a field, but {model.__name__} states no such value"
        elif name not in hooked:
            yield from _types_refused(model, name, field)
    for name in known:
        if name not in fields:
            yield f"{name}: stated by {model.__name__}, but no field"


def _types_refused(model: type[Cleaned], name: str, field: Field) -> Iterator[str]:
    for example in field.examples():
        try:
            model.model_validate({name: example}, strict=True)
        except pydantic.ValidationError as refusal:
            faults = _by_name(refusal).get(name)
            if faults and _is_misfit(faults):
                told = faults[0]["msg"]
                yield f"{name}: may be {example!r}, which {model.__name__} refuses: {told}"
        except Exception:  # noqa: S112 - a validator made for the form's own values only
            continue


def broken_rules(
    refusal: pydantic.ValidationError, data: Mapping[str, Any], wrong: Set[str]
) -> Iterator[tuple[str | None, ValidationError]]:
    """Errors by field, None: of the whole form, which is judged only if no field is `wrong` yet.

    Raises TypeError where what the fields were cleaned to is not of the model's types.
    """
    for name, faults in _by_name(refusal).items():
        if name in wrong or (name is None and wrong):
            continue
        if name is not None and _is_misfit(faults):
            there = type(data[name]).__name__ if name in data else "nothing"
            told = f"{refusal.title} does not take {there} as {name}: {faults[0]['msg']}"
            raise TypeError(told) from None
        rules = [fault for fault in faults if fault["type"] not in _OF_TYPE]
        yield from ((name, _words(fault)) for fault in rules)


def _by_name(refusal: pydantic.ValidationError) -> dict[str | None, list[ErrorDetails]]:
    grouped: dict[str | None, list[ErrorDetails]] = {}
    for fault in refusal.errors(include_url=False):
        name = str(fault["loc"][0]) if fault["loc"] else None
        grouped.setdefault(name, []).append(fault)
    return grouped


def _is_misfit(faults: Sequence[ErrorDetails]) -> bool:
    """Of a union each member has its say: one that takes the type is enough."""
    return all(fault["type"] in _OF_TYPE for fault in faults)


def _words(fault: ErrorDetails) -> ValidationError:
    told, value, code = fault.get("ctx", {}), fault["input"], fault["type"]
    match told.get("error"):
        case ValidationError() as error:
            return error
        case Exception() as error:
            return ValidationError(str(error) or fault["msg"], code)
    if isinstance(value, str) and code in ("too_short", "too_long"):  # of a SecretStr
        code = f"string_{code}"
    if words := _DJANGOS_WORDS.get(code):
        return words(told, value)
    return ValidationError(fault["msg"].replace("%", "%%") if told else fault["msg"], code, told)
