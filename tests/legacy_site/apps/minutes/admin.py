from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.minutes.models import Minutes


@admin.register(Minutes)
class MinutesAdmin(ContentManageableAdmin):
    date_hierarchy = "date"
    list_display = ("__str__", "is_published")
    list_filter = ("is_published",)
