"""Every route of the bundled site, in the order in which they are tried."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import TemplateView
from django.views.static import serve

from legacy_site import views
from legacy_site.apps.api import v1, v2
from legacy_site.apps.blogs.views import BlogHome
from legacy_site.apps.boxes.views import box
from legacy_site.apps.downloads.views import ReleaseEditButton
from legacy_site.apps.users.views import ChangePassword, SignUp

admin.site.site_header = "python.org administration"
handler404 = views.page_not_found


def _template(name: str, **kwargs):
    return TemplateView.as_view(template_name=name, **kwargs)


urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    re_path(r"^_health/?", views.health, name="health"),
    path("authenticated", _template("includes/authenticated.html"), name="authenticated"),
    path("release-edit-button/<int:pk>", ReleaseEditButton.as_view(), name="release_edit_button"),
    path("humans.txt", _template("humans.txt", content_type="text/plain")),
    path("robots.txt", _template("robots.txt", content_type="text/plain")),
    path("about/", _template("python/about.html"), name="about"),
    path("getit/", include("legacy_site.apps.downloads.urls", namespace="getit")),
    path("downloads/", include("legacy_site.apps.downloads.urls", namespace="download")),
    path("doc/", views.Documentation.as_view(), name="documentation"),
    # Before allauth's own, under the same names.
    path("accounts/signup/", SignUp.as_view(), name="account_signup"),
    path("accounts/password/change/", ChangePassword.as_view(), name="account_change_password"),
    path("accounts/", include("allauth.account.urls")),
    path("users/", include("legacy_site.apps.users.urls")),
    path("box/<slug:label>/", box, name="box"),
    path("blogs/", BlogHome.as_view(), name="blog"),
    path("success-stories/", include("legacy_site.apps.successstories.urls")),
    path("community/", include("legacy_site.apps.community.urls")),
    path("community/microbit/", _template("community/microbit.html"), name="microbit"),
    path("psf/records/board/minutes/", include("legacy_site.apps.minutes.urls")),
    # Not on the real site: what a proxy in front has to let through piece by piece.
    path("streams/", include("legacy_site.apps.streams.urls")),
    *([path("probes/", include("legacy_site.apps.probes.urls"))] if settings.PROBES else []),
    path("admin/doc/", include("django.contrib.admindocs.urls")),
    path("admin/", admin.site.urls),
    path("api/", include(v1.api.urls)),
    path("api/v2/", include(v2.router.urls)),
    # Uploads are shown by the site itself: there is no other server in the demo and the tests.
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
]
