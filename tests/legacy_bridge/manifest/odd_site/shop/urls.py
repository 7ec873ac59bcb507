"""Mounted several times."""

from django.urls import include, path

from tests.legacy_bridge.manifest.odd_site.shop import views

app_name = "shop"
more = ([path("<slug:slug>/", views.item, name="item")], "more")
urlpatterns = [
    path("", views.basket, name="basket"),
    path("<int:pk>/", views.item, name="item"),
    path("<slug:slug>/", views.item, name="item"),
    path("more/", include(more)),
    path("again/", include(more, namespace="again")),
]
