from django.contrib.syndication.views import Feed
from django.urls import reverse_lazy

from legacy_site.apps.downloads.models import Release


class ReleaseFeed(Feed):
    """The newest releases, pre-releases and those hidden from the landing page too."""

    title = "Python Releases"
    description = "Latest Python releases from Python.org"
    link = reverse_lazy("download:download")

    def items(self):
        newest = Release.objects.published().order_by("-release_date", "-pk")
        return newest.select_related("release_page")[:10]

    def item_title(self, release: Release) -> str:
        return release.name

    def item_description(self, release: Release) -> str:
        return f"Release date: {release.release_date}"

    def item_pubdate(self, release: Release):
        return release.release_date
