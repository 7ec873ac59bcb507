"""Patterns in another order than one would give to rules."""

from django.urls import path, re_path

from tests.legacy_bridge.manifest.odd_site.news import views
from tests.legacy_bridge.manifest.odd_site.shop.views import basket

urlpatterns = [
    path("offers/", basket, name="offers"),
    path("<slug:slug>/", views.article, name="article"),
    path("sale/", basket, name="sale"),
    path("latest/", views.latest, name="latest"),
    re_path(r"^archive/(?P<year>\d+)/?$", views.latest, name="news_archive"),
]
