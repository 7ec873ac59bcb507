"""The pages of /downloads/ and /getit/."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Prefetch, Value, When
from django.urls import reverse
from django.views.generic import DetailView, ListView, RedirectView, TemplateView

from legacy_site.apps.downloads.models import OS, Release, ReleaseFile
from legacy_site.apps.downloads.versions import minor_of, version_numbers


class LatestReleases:
    """Every page here knows the newest of each kind."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            latest_python2=Release.objects.latest_python2(),
            latest_python3=Release.objects.latest_python3(),
            latest_pymanager=Release.objects.latest_pymanager(),
            **kwargs,
        )


class DownloadHome(LatestReleases, TemplateView):
    template_name = "downloads/index.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        newest = {
            kind: context[f"latest_{kind}"]
            for kind in ("python2", "python3", "pymanager")
            if context[f"latest_{kind}"] is not None
        }
        releases = Release.objects.downloads().order_by("-release_date", "-pk")
        return context | {
            "releases": sorted(
                releases, key=lambda release: version_numbers(release.get_version()), reverse=True
            ),
            "python_files": [_offers(os, newest) for os in OS.objects.all()],
        }


def _offers(os: OS, newest: dict[str, Release]) -> dict:
    files = {kind: release.download_file_for_os(os.slug) for kind, release in newest.items()}
    return {"os": os, **files}


class DownloadFullOSList(LatestReleases, ListView):
    model = OS
    template_name = "downloads/full_os_list.html"


class DownloadOSList(LatestReleases, DetailView):
    model = OS
    context_object_name = "os"
    template_name = "downloads/os_list.html"

    def get_context_data(self, **kwargs):
        own_files = ReleaseFile.objects.select_related("os").filter(os=self.object)
        published = (
            Release.objects.published()
            .select_related("release_page")
            .prefetch_related(Prefetch("files", queryset=own_files))
            .order_by("-release_date", "-pk")
        )
        return super().get_context_data(
            os_slug=self.object.slug,
            releases=published.filter(pre_release=False),
            pre_releases=published.filter(pre_release=True),
            **kwargs,
        )


class DownloadReleaseDetail(LatestReleases, DetailView):
    """Drafts too: who knows the address of one may read it."""

    model = Release
    slug_url_kwarg = "release_slug"
    context_object_name = "release"
    template_name = "downloads/release_detail.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        files = self.object.files.select_related("os")
        source = files.filter(os__slug="source").order_by("name", "pk")
        others = files.exclude(os__slug="source").order_by("os__slug", "name", "pk")
        return (
            context
            | {
                "featured_files": _featured(files.filter(download_button=True)),
                "release_files": [*source, *others],
            }
            | _superseded_by(self.object)
        )


def _featured(buttons) -> Iterable[ReleaseFile]:
    first = ("macos", "windows", "source")
    places = [When(os__slug=slug, then=Value(place)) for place, slug in enumerate(first)]
    place = Case(*places, default=Value(len(first)), output_field=IntegerField())
    return buttons.order_by(place, "os__slug", "name", "pk")


def _superseded_by(release: Release) -> dict[str, Release]:
    minor = minor_of(release)
    newest = Release.objects.latest_python3(minor) if minor else None
    return {} if newest is None or newest == release else {"latest_in_series": newest}


class LatestRedirect(RedirectView):
    """To the newest of its kind; to the landing page where there is none."""

    def get_release(self, **kwargs) -> Release | None:
        raise NotImplementedError

    def get_redirect_url(self, **kwargs) -> str:
        release = self.get_release(**kwargs)
        return release.get_absolute_url() if release else reverse("download:download")


class DownloadLatestPython2(LatestRedirect):
    def get_release(self) -> Release | None:
        return Release.objects.latest_python2()


class DownloadLatestPython3(LatestRedirect):
    def get_release(self, minor: str | None = None) -> Release | None:
        return Release.objects.latest_python3(minor)


class DownloadLatestPrerelease(LatestRedirect):
    def get_release(self) -> Release | None:
        return Release.objects.latest_prerelease()


class DownloadLatestPyManager(LatestRedirect):
    def get_release(self) -> Release | None:
        return Release.objects.latest_pymanager()


class ReleaseEditButton(TemplateView):
    """A link for editors, fetched by the page's script; empty for everybody else."""

    template_name = "downloads/release_edit_button.html"

    def get_context_data(self, pk: int, **kwargs):
        return super().get_context_data(release_pk=pk, **kwargs)
