"""Pages of the site itself: home, about, documentation, health and errors."""

from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import TemplateView

from legacy_site.apps.codesamples.models import CodeSample
from legacy_site.apps.downloads.models import Release

# The owner of a site sets the real one.
PACKAGE_INDEX = "https://pypi.example.org/"


class Home(TemplateView):
    template_name = "python/index.html"

    def get_context_data(self, **kwargs):
        samples = CodeSample.objects.filter(is_published=True)[:5]
        return super().get_context_data(code_samples=samples, **kwargs)


class Documentation(TemplateView):
    template_name = "python/documentation.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            latest_python2=Release.objects.latest_python2(),
            latest_python3=Release.objects.latest_python3(),
            **kwargs,
        )


def health(request):
    return HttpResponse("OK")


def page_not_found(request, exception=None):
    # Already a path, so "%" stands for itself.
    path = quote(request.path, safe="/%")
    context = {
        "legacy_path": f"http://legacy.python.org{path if path.startswith('/') else '/' + path}",
        "download_path": reverse("download:download"),
        "doc_path": reverse("documentation"),
        "pypi_path": PACKAGE_INDEX,
    }
    response = render(request, "404.html", context, status=404)
    response["Cache-Control"] = "max-age=300"
    return response
