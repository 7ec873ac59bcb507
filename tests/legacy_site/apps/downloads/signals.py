"""What follows when a release or one of its files changes (behaviour/downloads.md §7)."""

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from legacy_site import cdn
from legacy_site.apps.downloads import boxes
from legacy_site.apps.downloads.models import Release, ReleaseFile


@receiver(post_save, sender=Release)
def release_saved(sender, instance: Release, raw: bool = False, **kwargs) -> None:
    if raw:
        return
    if instance.is_latest:
        # Also for a draft: then the public has no latest release until it is published.
        others = Release.objects.filter(version=instance.version).exclude(pk=instance.pk)
        others.update(is_latest=False)
    if instance.is_published:
        _purge_pages(instance)
        boxes.rebuild()


@receiver(post_save, sender=ReleaseFile)
def file_saved(sender, instance: ReleaseFile, raw: bool = False, **kwargs) -> None:
    if not raw:
        _file_changed(instance)


@receiver(post_delete, sender=ReleaseFile)
def file_deleted(sender, instance: ReleaseFile, **kwargs) -> None:
    _file_changed(instance)


def _file_changed(file: ReleaseFile) -> None:
    if file.release.is_published:
        boxes.rebuild()
        _purge_boxes()


def _purge_pages(release: Release) -> None:
    if cdn.service():
        cdn.purge_key("downloads")
    else:
        cdn.purge_path("/downloads/")
    cdn.purge_path("/ftp/python/")
    if release.get_version():
        cdn.purge_path(f"/ftp/python/{release.get_version()}/")
    _purge_boxes()


def _purge_boxes() -> None:
    for label in boxes.LABELS:
        cdn.purge_path(f"/box/{label}/")
