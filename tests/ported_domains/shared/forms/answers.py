"""Answers questions about Django's forms: `[function, arguments]` a line in, a line out.

Run by `side.py`; imports nothing but Django and what is declared.
"""

import io
import json
import sys
from typing import Any

from django import forms
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.forms.widgets import ChoiceWidget
from django.http import QueryDict

from tests.ported_domains.shared.forms.declared import FORMS, arguments_of, as_json


def _field(kind: str, arguments: dict[str, Any], widget: str = "", *told: Any) -> Any:
    own = {"widget": getattr(forms, widget)(*_widget(*told))} if widget else {}
    return getattr(forms, kind)(**arguments_of(arguments), **own)


def _widget(attrs: Any, choices: Any = None) -> list[Any]:
    return [attrs] if choices is None else [attrs, choices]


def _form(name: str, pairs: Any, initial: Any, prefix: str, look: dict[str, Any]) -> Any:
    fields = {key: _field(*declared) for key, declared in FORMS[name].items()}
    data = None
    if pairs is not None:
        data = QueryDict(mutable=True)
        for key, value in pairs:
            data.appendlist(key, value)
    kind = type("DeclaredForm", (forms.Form,), {**fields, **look})
    suffix = look.get("label_suffix")
    return kind(data, initial=initial, prefix=prefix or None, label_suffix=suffix)


def form(name: str, added: list[list[Any]], **bound: Any) -> dict[str, Any]:
    one = _form(name, **bound)
    for field, message in added:
        if one.is_valid():
            one.add_error(field, message)
    return {
        "valid": one.is_valid(),
        "errors": {key: list(messages) for key, messages in one.errors.items()},
        "cleaned": {k: as_json(v) for k, v in getattr(one, "cleaned_data", {}).items()},
        "as_p": str(one.as_p()),
        "errors_html": str(one.errors),
        "non_field": str(one.non_field_errors()),
        "texts": {field.name: str(field.errors.as_text()) for field in one},
        "fields": {field.name: _parts(field) for field in one},
        "visible": [field.name for field in one.visible_fields()],
        "hidden": [field.name for field in one.hidden_fields()],
    }


def _parts(field: Any) -> list[Any]:
    options = [[option.tag(), str(option), str(option.choice_label)] for option in _options(field)]
    return [
        str(field.label_tag()),
        field.id_for_label,
        field.html_name,
        field.widget_type,
        str(field),
        options,
    ]


def _options(field: Any) -> list[Any]:
    return list(field) if isinstance(field.field.widget, ChoiceWidget) else []


def query(raw: str) -> list[Any]:
    return [[key, values] for key, values in QueryDict(raw.encode("latin-1")).lists()]


def body(raw: str, content_type: str) -> list[Any]:
    octets = raw.encode("latin-1")
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(octets)),
        "wsgi.input": io.BytesIO(octets),
    }
    return [[key, values] for key, values in WSGIRequest(environ).POST.lists()]


def answer(question: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": globals()[question](**arguments)}
    except Exception as error:
        return {"raised": type(error).__name__, "why": str(error)}


if __name__ == "__main__":
    settings.configure(USE_TZ=True, TIME_ZONE="UTC", LANGUAGE_CODE="en-us")
    import django

    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
