from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.work_groups.models import WorkGroup


@admin.register(WorkGroup)
class WorkGroupAdmin(ContentManageableAdmin):
    list_display = ("name", "active", "approved")
    list_filter = ("active", "approved")
    search_fields = ("name",)
