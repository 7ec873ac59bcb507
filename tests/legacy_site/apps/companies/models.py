from django.db import models

from legacy_site.apps.cms.models import MarkupField, NameSlugModel


class Company(NameSlugModel):
    about = MarkupField(blank=True)
    contact = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField(null=True, blank=True)
    url = models.URLField("URL", null=True, blank=True)
    logo = models.ImageField(upload_to="companies/logos/", null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "company"
        verbose_name_plural = "companies"
