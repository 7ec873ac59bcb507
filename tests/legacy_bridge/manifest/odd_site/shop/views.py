"""The shop's views."""

from django.http import HttpRequest, HttpResponse


def basket(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()


def item(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse()
