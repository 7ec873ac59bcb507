from django.conf import settings
from django.db import models

from legacy_site.apps.cms.models import ContentManageable, MarkupField, NameSlugModel


class WorkGroup(ContentManageable, NameSlugModel):
    active = models.BooleanField(default=True, db_index=True)
    approved = models.BooleanField(default=False, db_index=True)
    short_description = models.TextField(blank=True)
    purpose = MarkupField()
    active_time = MarkupField()
    core_values = MarkupField()
    rules = MarkupField()
    communication = MarkupField()
    support = MarkupField(blank=True)
    url = models.URLField("URL", blank=True)
    organizers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="working_groups")

    class Meta:
        verbose_name = "work group"
        verbose_name_plural = "work groups"
