from django.contrib import admin

from legacy_site.apps.cms.admin import NameSlugAdmin
from legacy_site.apps.successstories.models import Story, StoryCategory


@admin.register(StoryCategory)
class StoryCategoryAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(Story)
class StoryAdmin(NameSlugAdmin):
    list_display = ("__str__", "is_published", "featured")
    list_filter = ("is_published",)
    raw_id_fields = ("category", "submitted_by")
    search_fields = ("name",)
