from django.db import models

from legacy_site.apps.cms.models import ContentManageable, MarkupField


class Minutes(ContentManageable):
    date = models.DateField("Meeting Date", db_index=True)
    content = MarkupField()
    is_published = models.BooleanField(default=False, db_index=True)

    class Meta:
        verbose_name = "minutes"
        verbose_name_plural = "minutes"

    def __str__(self) -> str:
        return f"PSF Meeting Minutes {self.date:%B %d, %Y}"
