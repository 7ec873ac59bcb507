from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.jobs.models import Job, JobCategory, JobReviewComment, JobType


@admin.register(Job)
class JobAdmin(ContentManageableAdmin):
    date_hierarchy = "created"
    filter_horizontal = ("job_types",)
    list_display = ("__str__", "job_title", "status", "company_name")
    list_filter = ("status", "telecommuting")
    raw_id_fields = ("category", "submitted_by")
    search_fields = ("id", "job_title")


@admin.register(JobType, JobCategory)
class ChoiceAdmin(admin.ModelAdmin):
    list_display = ("__str__", "active")
    list_filter = ("active",)
    ordering = ("-active", "name")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(JobReviewComment)
class JobReviewCommentAdmin(ContentManageableAdmin):
    list_display = ("__str__", "job")
    raw_id_fields = ("job",)
