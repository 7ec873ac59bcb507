from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import slugify

from legacy_site.apps.cms.models import ContentManageable, MarkupField, NameSlugModel

LISTED_FOR = timedelta(days=90)


class JobType(NameSlugModel):
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "job technologies"
        verbose_name_plural = "job technologies"


class JobCategory(NameSlugModel):
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "job category"
        verbose_name_plural = "job categories"


class Job(ContentManageable):
    class Status(models.TextChoices):
        DRAFT = "draft"
        REVIEW = "review"
        APPROVED = "approved"
        REJECTED = "rejected"
        ARCHIVED = "archived"
        REMOVED = "removed"
        EXPIRED = "expired"

    category = models.ForeignKey(
        JobCategory, models.CASCADE, related_name="jobs", limit_choices_to={"active": True}
    )
    job_types = models.ManyToManyField(
        JobType, related_name="jobs", blank=True, limit_choices_to={"active": True}
    )
    other_job_type = models.CharField(max_length=100, blank=True)
    company_name = models.CharField(max_length=100, null=True)
    company_description = MarkupField(blank=True)
    job_title = models.CharField(max_length=100)
    city = models.CharField(max_length=100)
    region = models.CharField("State, Province or Region", max_length=100, blank=True)
    country = models.CharField(max_length=100, db_index=True)
    location_slug = models.SlugField(max_length=350, editable=False)
    country_slug = models.SlugField(max_length=100, editable=False)
    description = MarkupField()
    requirements = MarkupField()
    contact = models.CharField(max_length=100, null=True, blank=True)
    email = models.EmailField()
    url = models.URLField("URL", null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.REVIEW, db_index=True
    )
    expires = models.DateTimeField(null=True, blank=True)
    telecommuting = models.BooleanField(default=False)
    agencies = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False, db_index=True)

    class Meta:
        ordering = ("-created",)
        get_latest_by = "created"
        verbose_name = "job"
        verbose_name_plural = "jobs"
        permissions = (("can_moderate_jobs", "Can moderate Job listings"),)

    def __str__(self) -> str:
        return f"Job Listing #{self.pk}"

    def save(self, **kwargs):
        self.location_slug = slugify(f"{self.city} {self.region} {self.country}")
        self.country_slug = slugify(self.country)
        if self.status == self.Status.APPROVED and self.expires is None:
            self.expires = timezone.now() + LISTED_FOR
        return super().save(**kwargs)


class JobReviewComment(ContentManageable):
    job = models.ForeignKey(Job, models.CASCADE, related_name="review_comments")
    comment = MarkupField()

    class Meta:
        ordering = ("created",)

    def __str__(self) -> str:
        return f"Comment on {self.job}"
