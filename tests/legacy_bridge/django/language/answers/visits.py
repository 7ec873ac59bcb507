"""Whole requests through LocaleMiddleware, in a project of whatever settings the question has."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test.utils import override_settings
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import trans_real

from legacy_bridge.exporter.manifest import manifest as exported


def page(request: HttpRequest, *_: Any, **__: Any) -> JsonResponse:
    return JsonResponse({"language": translation.get_language()})


def manifest(settings: dict[str, Any]) -> Any:
    """As the project would export it."""
    with project(settings):
        return exported()


def visit(
    settings: dict[str, Any],
    path: str,
    query: str = "",
    form: dict[str, str] | None = None,
    **headers: str,
) -> dict[str, Any]:
    """GET, or POST of a form. `path` is decoded; headers are named as in WSGI."""
    body = urlencode(form or {}).encode()
    environ = {
        "REQUEST_METHOD": "GET" if form is None else "POST",
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "example.org",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": "http",
        **headers,
    }
    told: dict[str, Any] = {}

    def start(status: str, fields: list[tuple[str, str]]) -> None:
        told.update(status=int(status[:3]), **{name.lower(): text.strip() for name, text in fields})

    with project(settings):
        response = WSGIHandler()(environ, start)
        content = b"".join(response)
    names = ("status", "location", "vary", "content-language", "set-cookie")
    seen = content.decode() if told["status"] == 200 else None
    return {"seen": seen, **{name: told.get(name) for name in names}}


def accepted(field: str) -> Any:
    return [name for name, _ in trans_real.parse_accept_lang_header(field)]


def is_known(code: str) -> Any:
    return trans_real.check_for_language(code)


def catalogs() -> list[str]:
    """Which of Django's languages have a folder with texts in it."""
    from django.conf import global_settings

    codes = [code for code, _ in global_settings.LANGUAGES]
    return [code for code in codes if trans_real.check_for_language(code)]


def fallbacks() -> dict[str, Any]:
    from django.conf.locale import LANG_INFO

    return {code: told["fallback"] for code, told in LANG_INFO.items() if "fallback" in told}


def vary(field: str | None, names: list[str]) -> Any:
    response = HttpResponse()
    if field is not None:
        response["Vary"] = field
    patch_vary_headers(response, names)
    return response["Vary"]


@contextmanager
def project(settings: dict[str, Any]) -> Iterator[None]:
    with override_settings(**settings):
        # Which of its two halves serves is decided once, by USE_I18N.
        translation._trans = type(translation._trans)()
        translation.deactivate()
        yield
    translation._trans = type(translation._trans)()
