"""What the model finds wrong, in the words and places of the file instead of pydantic's."""

from collections.abc import Iterator
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from proxy.routing.config import MODELS
from proxy.routing.document import Document, Location, Place
from proxy.routing.faults import Fault, Problem, shown
from proxy.routing.values import PROBLEMS


def misfits(error: ValidationError, document: Document) -> Iterator[Fault]:
    """Every error of a validation as a fault."""
    for detail in error.errors(include_url=False):
        place = _place(detail, document)
        for problem in _problems(detail):
            yield Fault(*place, _at(detail["loc"], problem.message), problem.remedy)


def _place(detail: ErrorDetails, document: Document) -> Place:
    location = detail["loc"]
    if detail["type"] == "missing":
        return document.key_place(location[:-1])
    if detail["type"] == "extra_forbidden" or detail["input"] is None:
        return document.key_place(location)
    return document.place(location)


def _at(location: Location, message: str) -> str:
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return f"{dotted.lstrip('.')}: {message}"


_KINDS = {
    "model_type": "a mapping",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "too_short": "a list of at least one",
}


def _problems(detail: ErrorDetails) -> tuple[Problem, ...]:
    """What is wrong with one value, by the type of pydantic's error."""
    kind, written, context = detail["type"], detail["input"], detail.get("ctx", {})
    match kind:
        case _ if kind == PROBLEMS and written is not None:
            return tuple(context[PROBLEMS])
        case "too_short" if written:
            return ()  # each of its items is reported by itself
        case "missing":
            return (Problem("is missing", f"add {_example(detail['loc'])}"),)
        case "extra_forbidden":
            return (_unknown_key(detail["loc"]),)
        case _ if written is None:
            return (Problem("has no value", f"write for example {_example(detail['loc'])}"),)
        case "enum" | "literal_error":
            choices = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            return (Problem(f"{shown(written)} is not known here", choose(written, choices)),)
        case "less_than_equal" | "greater_than_equal":
            bound = context.get("le", context.get("ge"))
            edge = "at most" if "le" in context else "at least"
            return (Problem(f"{written} is out of range", f"write {edge} {bound}"),)
        case _ if kind in _KINDS:
            message = f"must be {_KINDS[kind]}, not {_kind(written)}"
            return (Problem(message, f"write for example {_example(detail['loc'])}"),)
    return (Problem(detail["msg"], f"write for example {_example(detail['loc'])}"),)


def _kind(written: object) -> str:
    return "an empty list" if written == [] or written == () else shown(written)


def _unknown_key(location: Location) -> Problem:
    known = list(MODELS[len(location) - 1].model_fields)
    return Problem("this key is not known", choose(location[-1], known))


def choose(written: object, choices: list[str]) -> str:
    """Say what may be written, the likeliest first."""
    if len(choices) == 1:
        return f"write {choices[0]}"
    near = get_close_matches(str(written).lower(), [choice.lower() for choice in choices], 1)
    meant = next((choice for choice in choices if near and choice.lower() == near[0]), None)
    guess = f"did you mean {meant}? " if meant else ""
    return f"{guess}known are {', '.join(choices)}"


def _example(location: Location) -> str:
    """How the value at a location is written, from the examples of the model."""
    *above, name = location
    if isinstance(name, int):
        *above, _ = above
        return "- GET" if above[-1] == "methods" else "- /downloads/**"
    if above == ["domains"]:
        return f"{name}: {{phase: legacy}}"
    examples = MODELS[len(above)].model_fields[name].examples or []
    return f"{name}: {_flow(examples[0])}"


def _flow(value: object) -> str:
    """A value in YAML on one line; texts of the examples need no quotes."""
    match value:
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_flow(item)}' for key, item in value.items())}}}"
    return str(value)
