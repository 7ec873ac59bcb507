"""What is declared, built and asked on our side; the counterpart of `answers.py`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ported_domains.shared import forms
from ported_domains.shared.forms.choice_widgets import ChoiceWidget
from ported_domains.shared.forms.values import Values
from tests.ported_domains.shared.forms.declared import FORMS, arguments_of, as_json


def _field(kind: str, arguments: dict[str, Any], widget: str = "", *told: Any) -> Any:
    own = {"widget": getattr(forms, widget)(*told)} if widget else {}
    return getattr(forms, kind)(**arguments_of(arguments), **own)


def declare(name: str, look: Mapping[str, Any] = MappingProxyType({})) -> type[forms.Form]:
    fields = {key: _field(*declared) for key, declared in FORMS[name].items()}
    return type("DeclaredForm", (forms.Form,), {**fields, **look})


def form(
    name: str, added: list[list[Any]], pairs: Any, initial: Any, prefix: str, look: dict[str, Any]
) -> dict[str, Any]:
    data = None if pairs is None else Values((key, value) for key, value in pairs)
    one = declare(name, look)(data, initial=initial, prefix=prefix)
    for field, message in added:
        if one.is_valid():
            one.add_error(field, message)
    return {
        "valid": one.is_valid(),
        "errors": {key: list(messages) for key, messages in one.errors.items()},
        "cleaned": {key: as_json(value) for key, value in one.cleaned_data.items()},
        "as_p": str(one.as_p()),
        "errors_html": str(one.errors),
        "non_field": str(one.non_field_errors()),
        "texts": {field.name: str(field.errors.as_text) for field in one},
        "fields": {field.name: _parts(field) for field in one},
        "visible": [field.name for field in one.visible_fields],
        "hidden": [field.name for field in one.hidden_fields],
    }


def _parts(field: forms.BoundField) -> list[Any]:
    options = [
        [str(option.tag), str(option), str(option.choice_label)] for option in _options(field)
    ]
    return [
        str(field.label_tag),
        field.id_for_label,
        field.html_name,
        field.widget_type,
        str(field),
        options,
    ]


def _options(field: forms.BoundField) -> list[Any]:
    return list(field) if isinstance(field.widget, ChoiceWidget) else []
