from django.contrib import admin
from django.db.models.functions import Lower

from legacy_site.apps.nominations.models import Election, ElectionKind, Nomination, Nominee


@admin.register(ElectionKind)
class ElectionKindAdmin(admin.ModelAdmin):
    list_display = ("name", "nomination_form", "accent_color", "slug")
    readonly_fields = ("slug",)


@admin.register(Election)
class ElectionAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "date", "hide_previous_service", "slug")
    list_filter = ("kind",)
    readonly_fields = ("slug",)


@admin.register(Nominee)
class NomineeAdmin(admin.ModelAdmin):
    list_display = ("__str__", "election", "accepted", "approved")
    list_filter = ("election", "accepted", "approved")
    list_select_related = ("user", "election")
    raw_id_fields = ("user",)
    readonly_fields = ("slug",)
    ordering = ("election", Lower("user__last_name"))


@admin.register(Nomination)
class NominationAdmin(admin.ModelAdmin):
    _flags = (
        "accepted",
        "approved",
        "coc_acknowledged",
        "mission_alignment",
        "eligibility_confirmed",
    )
    list_display = ("__str__", "election", "nominee", *_flags)
    list_filter = ("election", *_flags)
    list_select_related = ("election", "nominee__user")
    raw_id_fields = ("nominee", "nominator")
    ordering = ("election", Lower("nominee__user__last_name"))
