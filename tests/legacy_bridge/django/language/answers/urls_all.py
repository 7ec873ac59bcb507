"""All pages but two with their language in the URL, one with a translated word besides."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from tests.legacy_bridge.django.language.answers.visits import page

MONTH = format_lazy("{month}/<int:year>/", month=gettext_lazy("January"))

PAGES = [
    path("", page, name="home"),
    path("news/<slug:slug>/", page, name="news"),
    path("nameless/", page),
    path("shop/", include(([path("<int:number>/", page, name="item")], "shop"))),
    re_path(r"^old/(\d+)/$", page, name="old"),
    re_path(r"^(?:one|two)/$", page, name="irreversible"),
    path(MONTH, page, name="month"),
]
OUTSIDE = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("plain/<slug:slug>/", page, name="plain"),
]
urlpatterns = [*OUTSIDE, *i18n_patterns(*PAGES)]
