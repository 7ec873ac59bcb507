"""Every kind of pattern that Django takes, and the views behind every kind of wrapper."""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path, register_converter
from django.urls.converters import StringConverter
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.views import View

from tests.legacy_bridge.manifest.odd_site.converters import Even, Year


class Word(StringConverter):  # type: ignore[misc]  # Django is not typed
    """Like a built-in one, but for its regex."""

    regex = "[a-z]{2,5}"


register_converter(Year, "year")
register_converter(Even, "even")
register_converter(Word, "word")


def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    return HttpResponse()


class Page(View):  # type: ignore[misc]  # Django is not typed
    pass


class Callable_:  # noqa: N801  # an object that is a view
    def __call__(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse()


def careless(inner: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator that does not say what it decorates."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return inner(*args, **kwargs)

    return wrapper


def _translated(**texts: str) -> Any:
    return lazy(lambda: texts.get(get_language() or "en", texts["en"]), str)()


SHOP = "tests.legacy_bridge.manifest.odd_site.shop"
nested = (
    [
        path("", view, name="index"),
        path("<int:pk>/", view, name="detail"),
        path("deep/", include(([path("<word:w>/", view, name="word")], "deep"))),
    ],
    "nested",
)
plain = [
    path("x/<int:n>/", view, name="plain"),
    path("y/", view, {"flag": False}, name="flagged"),
    path("inner/", include(nested, namespace="inner")),
]

urlpatterns = [
    path("", Page.as_view(), name="home"),
    # One name, several patterns.
    path("several/", view, name="several"),
    path("several/<int:a>/", view, name="several"),
    path("several/<int:a>/<slug:b>/", view, name="several"),
    path("several/<str:a>/as-text/", view, name="several"),
    # Arguments of the URLconf.
    path("kind/a/", view, {"kind": "a"}, name="kind"),
    path("kind/b/", view, {"kind": "b"}, name="kind"),
    path("kind/<int:n>/", view, {"n": 3, "kind": "c"}, name="kind"),
    path("objects/", view, {"at": uuid.UUID(int=7), "cls": Page}, name="objects"),
    path("hook/", view, {"token": settings.HOOK_TOKEN, "level": 2}, name="hook"),
    path("pin/", view, {"url": f"https://x/?t={settings.HOOK_TOKEN}", "pin": settings.PIN}),
    # Converters.
    path("year/<year:y>/", view, name="year"),
    path("even/<even:n>/", view, name="even"),
    path("word/<word:w>/", view, name="word"),
    path("uuid/<uuid:u>/", view, name="uuid"),
    path("path/<path:rest>", view, name="path"),
    path("path/<path:rest>/end/", view, name="path_end"),
    path("two/<slug:a>-<slug:b>/", view, name="two"),
    path("bare/<thing>", view, name="bare"),
    # Characters.
    path("odd (x) [y] {z} +*.?^$|/<str:s>/", view, name="odd"),
    path("café/<str:s>/日本/", view, name="unicode"),
    path("percent%/", view, name="percent"),
    path("percent%20/<str:s>", view, name="percent_code"),
    path("/leading/<str:s>/", view, name="leading"),
    path("double//slash/", view, name="double"),
    path("space d/", view, name="space"),
    # Regexes.
    re_path(r"^re/(\d+)/(\w+)/$", view, name="positional"),
    re_path(r"^re/(?P<year>[0-9]{4})(?:-(?P<month>\d\d))?/$", view, name="archive"),
    re_path(r"^re/mixed/(\d+)/(?P<name>\w+)/$", view, name="mixed"),
    re_path(r"^re/opt/(?:page-(\d+)/)?$", view, name="optional"),
    re_path(r"^re/many/(?:(\d+)/)*$", view, name="many"),
    re_path(r"^re/twice/(\d)\1/$", view, name="twice"),
    re_path(r"^re/same/(?P<a>\w)(?P=a)/$", view, name="same"),
    re_path(r"^re/alt/(?:a|b)/$", view, name="alternative"),
    re_path(r"^re/group/(a|b)/$", view, name="group_of_two"),
    re_path(r"^re/nested/((\d+)-(\w+))/$", view, name="nested_groups"),
    re_path(r"^re/count/a{2,3}b+c*d?(\d{2})/$", view, name="counts"),
    re_path(r"^re/class/[xyz][^/]/$", view, name="class"),
    re_path(r"^re/class2/[-\w]+\d\s\S\D\W/$", view, name="classes"),
    re_path(r"^re/ahead/(?!no)(?P<word>\w+)/$", view, name="ahead"),
    re_path(r"^re/escaped\.\(x\)\?/$", view, name="escaped"),
    re_path(r"^re/maybe/?\.(?P<f>\w+)$", view, name="after_maybe"),
    re_path(r"^re/dollar\$", view, name="dollar"),
    re_path(r"^re/open/(?P<rest>.*)", view, name="open"),
    re_path(r"^re/lazy/(?P<pk>.*?)/$", view, name="lazy"),
    re_path(r"^re/end\Z", view, name="end"),
    re_path(r"re/unanchored/(?P<n>\d+)/$", view, name="unanchored"),
    re_path(r"^re/empty/()x/$", view, name="empty_group"),
    re_path(r"^re/repeat/(?:(?P<a>\d)-){2}x/$", view, name="repeated_group"),
    re_path(r"^re/nothing/(?:x(?:y(\d))?)?/$", view, name="nested_optional"),
    # Includes.
    path("plain/", include(plain)),
    path("plain/again/", include(plain), {"flag": True}),
    path("shop/", include(f"{SHOP}.urls")),
    path("shop-b/", include(f"{SHOP}.urls", namespace="shop-b")),
    path("of/<slug:owner>/shop/", include(f"{SHOP}.urls", namespace="owned")),
    path("of/<year:y>/", include([path("shop/", include(f"{SHOP}.urls", namespace="yearly"))])),
    re_path(r"^reg/(?P<a>\d+)/", include(nested, namespace="first")),
    re_path(r"^reg/(\d+)/", include([re_path(r"^(\w+)/$", view, name="args")])),
    path("news/", include("tests.legacy_bridge.manifest.odd_site.news.urls")),
    path("", include([path("rootless/<int:n>/", view, name="rootless")])),
    path("", include((plain, "bare"), namespace="bare")),
    # Views in wrappers.
    path("views/partial/", partial(view, extra=1)),
    path("views/object/", Callable_()),
    path("views/careless/", careless(view)),
    path("views/lambda/", lambda request: HttpResponse()),
    path("views/page/", careless(Page.as_view())),
]
urlpatterns += i18n_patterns(
    path("i18n/", view, name="i18n"),
    path(_translated(en="contact/<int:n>/", de="kontakt/<int:n>/"), view, name="contact"),
    re_path(_translated(en=r"^hello/$", de=r"^hallo/$"), view, name="hello"),
    path(_translated(en="in/", de="im/"), include(nested, namespace="local")),
    prefix_default_language=False,
)
