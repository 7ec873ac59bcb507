import re

from django.shortcuts import redirect
from django.views.generic import DetailView

from legacy_site.apps.downloads.models import Release
from legacy_site.apps.pages.models import Page

_OLD_RELEASE = re.compile(r"/download/releases/([\d.]+)/")


def visible_to(user):
    """Drafts are for staff only."""
    return Page.objects.all() if user.is_staff else Page.objects.published()


def find(request) -> Page | None:
    """The page whose path is the request's, with or without a slash at the end."""
    path = request.path.removeprefix("/")
    other = path[:-1] if path.endswith("/") else path + "/"
    pages = visible_to(request.user)
    return pages.filter(path=path).first() or pages.filter(path=other).first()


class PageView(DetailView):
    """Not in any URL map: the fallback middleware asks it when nothing else answers."""

    model = Page

    def dispatch(self, request, *args, **kwargs):
        release = _release_without_page(request.path)
        if release is not None:
            return redirect(
                "download:download_release_detail", release_slug=release.slug, permanent=True
            )
        return super().dispatch(request, *args, **kwargs)

    def get_object(self, queryset=None) -> Page:
        return self.kwargs["page"]

    def get_template_names(self) -> list[str]:
        return [name for name in (self.object.template_name, "pages/default.html") if name]

    def get_context_data(self, **kwargs):
        return super().get_context_data(in_pages_app=True, **kwargs)

    def render_to_response(self, context, **kwargs):
        response = super().render_to_response(context, **kwargs)
        response["Content-Type"] = self.object.content_type
        return response


def _release_without_page(path: str) -> Release | None:
    """Addresses of releases from before they had rows: /download/releases/2.7.5/."""
    match = _OLD_RELEASE.fullmatch(path)
    if match is None:
        return None
    slug = "python-" + match[1].replace(".", "")
    return Release.objects.filter(slug=slug, release_page=None).first()
