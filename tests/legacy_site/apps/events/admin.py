from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.events.models import (
    Alarm,
    Calendar,
    Event,
    EventCategory,
    EventLocation,
    OccurringRule,
    RecurringRule,
)


class OccurringRuleInline(admin.StackedInline):
    model = OccurringRule


class RecurringRuleInline(admin.StackedInline):
    model = RecurringRule
    extra = 0


@admin.register(Event)
class EventAdmin(ContentManageableAdmin):
    inlines = (OccurringRuleInline, RecurringRuleInline)
    list_display = ("__str__", "calendar", "featured")
    list_filter = ("calendar", "featured")
    search_fields = ("title",)
    raw_id_fields = ("venue",)


@admin.register(EventLocation)
class EventLocationAdmin(admin.ModelAdmin):
    list_filter = ("calendar",)


@admin.register(EventCategory)
class EventCategoryAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


admin.site.register((OccurringRule, RecurringRule))
admin.site.register((Calendar, Alarm), ContentManageableAdmin)
