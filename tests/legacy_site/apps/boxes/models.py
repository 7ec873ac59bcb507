from django.db import models

from legacy_site.apps.cms.models import ContentManageable, MarkupField


class Box(ContentManageable):
    """A piece of content with a label that templates know it by."""

    label = models.SlugField(max_length=100, unique=True)
    content = MarkupField()

    class Meta:
        verbose_name_plural = "boxes"

    def __str__(self) -> str:
        return self.label
