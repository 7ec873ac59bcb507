from django.conf import settings
from django.db import models
from django.urls import reverse

from legacy_site.apps.cms.models import ContentManageable, MarkupField, NameSlugModel
from legacy_site.apps.companies.models import Company

LATEST = 4


class StoryCategory(NameSlugModel):
    class Meta:
        ordering = ("name",)
        verbose_name = "story category"
        verbose_name_plural = "story categories"

    def get_absolute_url(self) -> str:
        return reverse("success_story_list_category", args=[self.slug])


class StoryQuerySet(models.QuerySet):
    def published(self):
        return self.filter(is_published=True)

    def newest(self):
        return self.published().order_by("-created", "-pk")[:LATEST]


class Story(NameSlugModel, ContentManageable):
    company_name = models.CharField(max_length=500)
    company_url = models.URLField("Company URL")
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="success_stories", null=True, blank=True
    )
    category = models.ForeignKey(StoryCategory, models.CASCADE, related_name="success_stories")
    author = models.CharField(max_length=500, help_text="Author of the content")
    author_email = models.EmailField(max_length=100, null=True, blank=True)
    pull_quote = models.TextField()
    content = MarkupField()
    is_published = models.BooleanField(default=False, db_index=True)
    featured = models.BooleanField("Use in the navigation", default=False)
    image = models.ImageField(upload_to="successstories", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True
    )

    objects = StoryQuerySet.as_manager()

    class Meta:
        ordering = ("-created",)
        verbose_name = "story"
        verbose_name_plural = "stories"

    def get_absolute_url(self) -> str:
        return reverse("success_story_detail", args=[self.slug])

    def get_admin_url(self) -> str:
        return reverse("admin:successstories_story_change", args=[self.pk])

    @property
    def get_company_name(self) -> str:
        return self.company.name if self.company else self.company_name

    @property
    def get_company_url(self) -> str | None:
        return self.company.url if self.company else self.company_url
