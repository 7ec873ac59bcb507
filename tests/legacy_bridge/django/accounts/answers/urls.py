"""The routes of allauth, whose flows redirect to each other."""

from django.urls import include, path

urlpatterns = [path("accounts/", include("allauth.account.urls"))]
