"""Telling the CDN what to forget. Does nothing in debug mode or without FASTLY_API_KEY."""

from urllib.request import Request, urlopen

from django.conf import settings

SITE = "https://www.python.org"
API = "https://api.fastly.com"
_SECONDS = 30


def purge_path(path: str) -> None:
    _send("PURGE", SITE + path)


def purge_key(key: str) -> None:
    """Everything that carries a surrogate key."""
    _send("POST", f"{API}/service/{service()}/purge/{key}")


def service() -> str | None:
    return getattr(settings, "FASTLY_SERVICE_ID", None)


def _send(method: str, url: str) -> None:
    key = getattr(settings, "FASTLY_API_KEY", None)
    if settings.DEBUG or not key:
        return
    request = Request(url, method=method, headers={"Fastly-Key": key})
    with urlopen(request, timeout=_SECONDS):
        pass
