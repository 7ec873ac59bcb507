"""A saved page, published or not, is purged under both forms of its address."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from legacy_site import cdn
from legacy_site.apps.pages.models import Page


@receiver(post_save, sender=Page)
def purge(sender, instance, **kwargs) -> None:
    cdn.purge_path(f"/{instance.path}")
    if not instance.path.endswith("/"):
        cdn.purge_path(f"/{instance.path}/")
