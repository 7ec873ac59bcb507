from django.contrib import admin

from legacy_site.apps.boxes.models import Box
from legacy_site.apps.cms.admin import ContentManageableAdmin


@admin.register(Box)
class BoxAdmin(ContentManageableAdmin):
    ordering = ("label",)
