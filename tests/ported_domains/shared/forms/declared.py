"""Forms that both sides build: by field its class, its arguments, its widget and that one's."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

TOWNS = [["", "---------"], ["nl", "Leiden"], ["dk", "Århus <b>"], [3, "three"]]
GROUPED = [["", "none"], ["Warm & dry", [["s", "Sun"], [None, "nothing"]]], ["r", "Rain"]]

AGREED = [["", ""], [True, "Yes"], [False, "No"]]

Declared = dict[str, list[Any]]
"""`{"name": ["CharField", {"max_length": 5}, "Textarea", {"rows": 3}]}`, the widget optional.

What is declared as a date or time is `["date", "2025-10-07"]`. A widget may have choices.
"""

FORMS: dict[str, Declared] = {
    "texts": {
        "plain": ["CharField", {}],
        "short_one": [
            "CharField",
            {"max_length": 5, "min_length": 2, "help_text": "At <b>most</b> 5"},
        ],
        "one": ["CharField", {"max_length": 1, "min_length": 1, "required": False}],
        "raw": ["CharField", {"strip": False, "required": False, "label": "Raw <&> text?"}],
        "nothing": ["CharField", {"required": False, "empty_value": None, "label": ""}],
        "words": [
            "CharField",
            {
                "max_length": 30,
                "error_messages": {"max_length": "Too %(limit_value)d <i>", "required": "Say"},
            },
            "Textarea",
            {"rows": 3, "class": 'wide "x"'},
        ],
        "secret": ["CharField", {"max_length": 9}, "PasswordInput", {"autocomplete": "off"}],
        "hidden": ["CharField", {"max_length": 3, "help_text": "unseen"}, "HiddenInput", {}],
        "fixed": ["CharField", {"initial": "it's", "disabled": True}],
        "slug": ["SlugField", {"label_suffix": " ->", "help_text": "it's"}],
        "described": [
            "CharField",
            {"help_text": "x"},
            "TextInput",
            {"aria-describedby": "y", "id": "own"},
        ],
    },
    "addresses": {
        "email": ["EmailField", {}],
        "short_email": ["EmailField", {"required": False, "max_length": 10}],
        "url": ["URLField", {"assume_scheme": "http"}],
        "https": ["URLField", {"assume_scheme": "https", "required": False, "max_length": 40}],
        "url_as_text": [
            "URLField",
            {"assume_scheme": "http", "required": False},
            "TextInput",
            {"type": "search"},
        ],
    },
    "choices": {
        "must": ["BooleanField", {}],
        "may": ["BooleanField", {"required": False}, "CheckboxInput", {"class": "box"}],
        "may_hidden": ["BooleanField", {"required": False}, "HiddenInput", {}],
        "town": ["ChoiceField", {"choices": TOWNS}],
        "town_radio": [
            "ChoiceField",
            {"choices": TOWNS, "help_text": "h"},
            "RadioSelect",
            {"class": "r"},
        ],
        "filled": ["ChoiceField", {"choices": TOWNS[1:], "required": False}],
        "no_choice": ["ChoiceField", {"required": False}],
        "grouped": ["ChoiceField", {"choices": GROUPED, "required": False}],
        "grouped_radio": [
            "ChoiceField",
            {"choices": GROUPED, "required": False},
            "RadioSelect",
            {},
        ],
        "towns": ["MultipleChoiceField", {"choices": TOWNS}],
        "towns_boxes": [
            "MultipleChoiceField",
            {"choices": GROUPED, "initial": ["s"]},
            "CheckboxSelectMultiple",
            {},
        ],
        "towns_text": [
            "MultipleChoiceField",
            {"choices": TOWNS, "required": False},
            "TextInput",
            {},
        ],
        "number": [
            "TypedChoiceField",
            {"choices": [["1", "one"], ["x", "?"]], "coerce": "int", "required": False},
        ],
        "agreed": ["NullBooleanField", {}],
        "agreed_select": ["NullBooleanField", {}, "Select", {}, AGREED],
        "own_choice": ["CharField", {"required": False}, "Select", {}],
    },
}
FORMS["numbers"] = {
    "whole": ["IntegerField", {}],
    "some": ["IntegerField", {"min_value": -2, "max_value": 10, "required": False}],
    "some_text": ["IntegerField", {"min_value": 0, "required": False}, "TextInput", {}],
    "exact": ["DecimalField", {}],
    "price": ["DecimalField", {"max_digits": 5, "decimal_places": 2, "min_value": 1}],
    "one_digit": ["DecimalField", {"max_digits": 1, "decimal_places": 1, "required": False}],
    "one_place": ["DecimalField", {"decimal_places": 1, "max_value": 9, "required": False}],
    "tiny": ["DecimalField", {"decimal_places": 9, "max_digits": 10, "required": False}],
    "step": ["DecimalField", {"max_digits": 3, "required": False}, "NumberInput", {"step": "5"}],
}
FORMS["moments"] = {
    "day": ["DateField", {"help_text": "when"}],
    "day_field": [
        "DateField",
        {"initial": ["date", "0987-02-03"], "required": False},
        "DateInput",
        {"type": "date"},
    ],
    "day_lists": ["DateField", {"help_text": "when"}, "SelectDateWidget", {"class": "d"}],
    "day_lists_may": [
        "DateField",
        {"initial": ["date", "2031-12-24"], "required": False},
        "SelectDateWidget",
        {},
    ],
    "moment": ["DateTimeField", {"initial": ["datetime", "2025-10-07T10:20:30.405060+02:00"]}],
    "moment_may": ["DateTimeField", {"required": False}],
    "clock": ["TimeField", {"initial": ["time", "10:20:30.5"]}],
    "day_fixed": ["DateField", {"initial": ["date", "2025-10-07"], "disabled": True}],
    "day_of_fixed": ["DateField", {"initial": ["datetime", "2025-10-07T01:02"], "disabled": True}],
    "moment_fixed": [
        "DateTimeField",
        {"initial": ["datetime", "2025-10-07T01:02"], "disabled": True},
    ],
    "moment_of_fixed": ["DateTimeField", {"initial": ["date", "2025-10-07"], "disabled": True}],
    "clock_fixed": ["TimeField", {"initial": ["time", "01:02"], "disabled": True}],
    "own_format": ["DateField", {"input_formats": ["%d.%m.%Y"], "required": False}],
}

HIDDEN_ONLY: Declared = {
    "a": ["CharField", {}, "HiddenInput", {}],
    "b": ["CharField", {}, "HiddenInput", {}],
}
FORMS["hidden_only"] = HIDDEN_ONLY
FORMS["empty"] = {}


def as_json(value: Any) -> Any:
    """A cleaned value as JSON, with the name of its type where JSON has none."""
    match value:
        case datetime():
            return ["datetime", value.isoformat()]
        case date() | time():
            return [type(value).__name__, value.isoformat()]
        case Decimal():
            return ["Decimal", str(value)]
        case _:
            return value


def revived(value: Any) -> Any:
    """The opposite, for initial values."""
    kinds: dict[str, Any] = {"date": date, "datetime": datetime, "time": time}
    if isinstance(value, list) and value[0] in ("date", "datetime", "time"):
        return kinds[value[0]].fromisoformat(value[1])
    return value


def arguments_of(declared: dict[str, Any]) -> dict[str, Any]:
    told = {name: revived(value) for name, value in declared.items()}
    return {**told, "coerce": int} if "coerce" in told else told
