"""The boxes that show the newest releases on other pages; made anew when these change."""

from django.template.loader import render_to_string

from legacy_site.apps.boxes.models import Box
from legacy_site.apps.downloads.models import OS, Release, ReleaseFile

LABELS = ("supernav-python-downloads", "homepage-downloads", "download-sources")


def rebuild() -> None:
    """Makes every box for which there is something to show; the others stay as they are."""
    python2 = Release.objects.latest_python2()
    python3 = Release.objects.latest_python3()
    if python3:
        _rebuild_navigation(python3, Release.objects.latest_pymanager())
    if python2 and python3:
        _rebuild_home(python2, python3)
        _rebuild_sources(python2, python3)


def _rebuild_navigation(python3: Release, pymanager: Release | None) -> None:
    newest = {"python3": python3, "pymanager": pymanager}
    files = []
    for os in OS.objects.all():
        offered = {name: _button(release, os.slug) for name, release in newest.items()}
        if any(offered.values()):
            files.append({"os": os, **offered})
    if files:
        context = {"python_files": files, "last_updated": python3.updated}
        _write("supernav-python-downloads", "downloads/supernav.html", context)


def _rebuild_home(python2: Release, python3: Release) -> None:
    context = {"latest_python2": python2, "latest_python3": python3}
    _write("homepage-downloads", "downloads/homepage-downloads-box.html", context)


def _rebuild_sources(python2: Release, python3: Release) -> None:
    context = {
        "latest_python2_source": _button(python2, "source"),
        "latest_python3_source": _button(python3, "source"),
    }
    if all(context.values()):
        _write("download-sources", "downloads/download-sources-box.html", context)


def _button(release: Release | None, os_slug: str) -> ReleaseFile | None:
    return release and release.download_file_for_os(os_slug)


def _write(label: str, template: str, context: dict) -> None:
    box = Box.objects.filter(label=label).first() or Box(label=label)
    box.content = render_to_string(template, context)
    box.content_markup_type = "html"
    box.save()
