"""The named selections of releases that pages, feeds and boxes show."""

from django.db import models

PYTHON_2 = 2
PYTHON_3 = 3
PYMANAGER = 100


class ReleaseQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def draft(self):
        return self.filter(is_published=False)

    def released(self):
        return self.published().filter(pre_release=False)

    def downloads(self):
        """What the downloads page lists, newest first."""
        return (
            self.released()
            .filter(show_on_download_page=True)
            .select_related("release_page")
            .order_by("-release_date")
        )

    def python2(self):
        return self.published().filter(version=PYTHON_2)

    def python3(self):
        return self.published().filter(version=PYTHON_3)

    def pymanager(self):
        return self.published().filter(version=PYMANAGER)

    def latest_python2(self):
        return self.python2().filter(is_latest=True).first()

    def latest_python3(self, minor: int | None = None):
        """The release marked as latest, or the newest of series 3.`minor`, marked or not."""
        if minor is None:
            return self.python3().filter(is_latest=True).first()
        series = self.python3().filter(name__regex=rf"^Python 3\.{minor}\.")
        return series.order_by("-release_date").first()

    def latest_pymanager(self):
        return self.pymanager().filter(is_latest=True).first()

    def latest_prerelease(self):
        return self.python3().filter(pre_release=True).order_by("-release_date").first()
