"""Headers that every answer of the site carries."""

from django.conf import settings

_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "form-action 'self'",
    )
)


class ContentSecurityPolicyReportOnly:
    """Reports, never forbids: an enforcing header is not sent."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        technical_page = settings.DEBUG and response.status_code in (404, 500)
        if not technical_page:
            response["Content-Security-Policy-Report-Only"] = _POLICY
        return response


class AdminNoCaching:
    """What begins with /admin is kept out of shared caches, /administrator included."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith("/admin"):
            response["Cache-Control"] = "private"
        return response


class GlobalSurrogateKey:
    """Keys by which the CDN forgets answers: the site's, the first part of the path, the view's."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        segment = "".join(request.path.lstrip("/").partition("/")[0].splitlines())
        keys = (settings.GLOBAL_SURROGATE_KEY, segment, response.get("Surrogate-Key"))
        response["Surrogate-Key"] = " ".join(key for key in keys if key)
        return response
