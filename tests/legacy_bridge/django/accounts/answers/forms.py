"""CSRF tokens, hosts, redirects and addresses in forms."""

# Django and its apps come without types.
# mypy: disable-error-code="import-untyped, misc, no-any-return"

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import _unicode_ci_compare
from allauth.core import context
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import DisallowedHost, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware import csrf
from django.test.utils import override_settings
from django.utils import http


class Rejected(HttpResponse):
    def __init__(self, reason: str) -> None:
        super().__init__(status=403)
        self.reason = reason


def request_of(
    meta: dict[str, str],
    method: str = "GET",
    cookies: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    tls: bool = False,
) -> HttpRequest:
    request = HttpRequest()
    request.method = method
    request.META = {"SERVER_NAME": "inside", "SERVER_PORT": "443" if tls else "80", **meta}
    request.COOKIES = cookies or {}
    request.POST = form or {}
    request._get_scheme = lambda: "https" if tls else "http"
    return request


def csrf_check(
    settings: dict[str, Any], session: dict[str, str] | None = None, **request: Any
) -> str | None:
    """Why the request is refused."""
    with override_settings(**settings):
        asked = request_of(**request)
        asked.session = session or {}
        middleware = csrf.CsrfViewMiddleware(lambda _: HttpResponse())
        middleware._reject = lambda _, reason: Rejected(reason)
        middleware.process_request(asked)
        response = middleware.process_view(asked, lambda _: HttpResponse(), (), {})
    return None if response is None else response.reason


def csrf_visit(stored: str | None, steps: list[str]) -> dict[str, Any]:
    """What is saved by a request that asked for tokens and rotated in that order."""
    request = request_of({}, cookies={} if stored is None else {"csrftoken": stored})
    middleware = csrf.CsrfViewMiddleware(lambda _: HttpResponse())
    middleware.process_request(request)
    tokens = []
    for step in steps:
        if step == "rotate":
            csrf.rotate_token(request)
        else:
            tokens.append(csrf.get_token(request))
    response = middleware.process_response(request, HttpResponse())
    cookie = response.cookies.get("csrftoken")
    return {"saved": None if cookie is None else cookie.value, "tokens": tokens}


def csrf_mask(secret: str) -> str:
    return csrf._mask_cipher_secret(secret)


def csrf_unmask(token: str) -> str:
    return csrf._unmask_cipher_token(token)


def csrf_matches(token: str, secret: str) -> bool:
    return csrf._does_token_match(token, secret)


def host_facts(settings: dict[str, Any], meta: dict[str, str], tls: bool) -> list[Any]:
    """Host or None, port, secure."""
    with override_settings(**settings):
        request = request_of(meta, tls=tls)
        try:
            host = request.get_host()
        except DisallowedHost:
            host = None
        return [host, request.get_port(), request.is_secure()]


def is_safe(url: str | None, hosts: list[str], require_https: bool) -> bool:
    return http.url_has_allowed_host_and_scheme(url, set(hosts), require_https)


def allauth_is_safe(url: str, settings: dict[str, Any], host: str) -> bool:
    with override_settings(**settings):
        request = request_of({"HTTP_HOST": host})
        with context.request_context(request):
            return get_adapter(request).is_safe_url(url)


def login_redirect(path: str, login_url: str) -> str:
    return redirect_to_login(path, login_url)["Location"]


def redirect_location(url: str) -> str:
    return HttpResponseRedirect(url)["Location"]


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def is_same_address(one: str, other: str) -> bool:
    return _unicode_ci_compare(one, other)
