"""Columns that many tables share."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import slugify

from legacy_site.apps.cms.fields import MarkupField

__all__ = ["ContentManageable", "MarkupField", "NameSlugModel"]


class ContentManageable(models.Model):
    """Who made a row and who changed it last, and when. `updated` is written by every save."""

    created = models.DateTimeField(default=timezone.now, blank=True, db_index=True)
    updated = models.DateTimeField(default=timezone.now, blank=True)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="%(app_label)s_%(class)s_creator",
        null=True,
        blank=True,
    )
    last_modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="%(app_label)s_%(class)s_modified",
        null=True,
        blank=True,
    )

    class Meta:
        abstract = True

    def save(self, **kwargs):
        self.updated = timezone.now()
        return super().save(**kwargs)


class NameSlugModel(models.Model):
    """A name, and a slug that is made of it once when it is empty."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)

    class Meta:
        abstract = True

    def save(self, **kwargs):
        if not self.slug:
            self.slug = slugify(self.name)
        return super().save(**kwargs)

    def __str__(self) -> str:
        return self.name
