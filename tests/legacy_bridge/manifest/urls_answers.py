"""Django's own answers about the URLs of a project: one JSON text a line, to and fro.

Run by `urls_side.py` with DJANGO_SETTINGS_MODULE; imports nothing but Django.
"""

import json
import sys
import uuid
from typing import Any

import django
from django.urls import Resolver404, resolve, reverse, set_script_prefix
from django.utils import translation


def reversed_url(
    name: str,
    args: list[Any],
    kwargs: dict[str, Any],
    current_app: str | None,
    language: str,
    script_name: str,
) -> str:
    set_script_prefix(script_name)
    args = [_value(each) for each in args]
    kwargs = {key: _value(each) for key, each in kwargs.items()}
    with translation.override(language):
        return str(reverse(name, args=args, kwargs=kwargs, current_app=current_app))


def _value(sent: Any) -> Any:
    """JSON has no UUID: it comes as a list of one text."""
    return uuid.UUID(sent[0]) if isinstance(sent, list) else sent


def resolved(path: str, language: str) -> dict[str, Any] | None:
    with translation.override(language):
        try:
            found = resolve(path)
        except Resolver404:
            return None
    return {
        "view_name": found.view_name if found.url_name is not None else None,
        "args": [repr(each) for each in found.args],
        "kwargs": {name: repr(value) for name, value in found.kwargs.items()},
        "namespaces": found.namespaces,
        "app_names": found.app_names,
    }


def answer(question: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        ask = reversed_url if question == "reverse" else resolved
        return {"value": ask(**arguments)}
    except Exception as error:
        return {"raised": type(error).__name__}


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(*json.loads(line))), flush=True)
