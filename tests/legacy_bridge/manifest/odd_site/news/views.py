"""The news' views."""

from django.http import HttpRequest, HttpResponse


def article(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse()


def latest(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()
