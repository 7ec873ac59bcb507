from django.db import models
from django.utils.html import strip_tags
from django.utils.text import Truncator

from legacy_site.apps.cms.models import ContentManageable, MarkupField


class CodeSample(ContentManageable):
    code = MarkupField(blank=True, markup_type="html")
    copy = MarkupField(blank=True, markup_type="html")
    is_published = models.BooleanField(default=False, db_index=True)

    class Meta:
        verbose_name = "sample"
        verbose_name_plural = "samples"

    def __str__(self) -> str:
        return Truncator(strip_tags(self.copy.rendered)).chars(20)
