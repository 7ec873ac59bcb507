from django.urls import path, re_path

from legacy_site.apps.users import views

app_name = "users"
urlpatterns = [
    path("edit/", views.EditProfile.as_view(), name="user_profile_edit"),
    re_path(r"^(?P<slug>[-a-zA-Z0-9_\@\.+]+)/$", views.Profile.as_view(), name="user_detail"),
]
