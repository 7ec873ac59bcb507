"""Without languages in URLs."""

from django.urls import include, path

from tests.legacy_bridge.django.language.answers.visits import page

urlpatterns = [
    path("", page, name="home"),
    path("news/<slug:slug>/", page, name="news"),
    path("i18n/", include("django.conf.urls.i18n")),
]
