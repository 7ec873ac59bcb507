from datetime import UTC, datetime, time

from django.db import models
from django.urls import reverse

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

    def get_absolute_url(self) -> str:
        year, month, day = self.date.isoformat().split("-")
        return reverse("minutes_detail", kwargs={"year": year, "month": month, "day": day})

    @property
    def midnight(self) -> datetime:
        """When the day of the meeting began, for feeds."""
        return datetime.combine(self.date, time(), UTC)
