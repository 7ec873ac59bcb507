import csv

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpResponse
from tastypie.models import ApiKey

from legacy_site.apps.users.models import Membership, User, UserGroup


class ApiKeyInline(admin.TabularInline):
    model = ApiKey
    fields = readonly_fields = ("key", "created")
    can_delete = False


class MembershipInline(admin.StackedInline):
    model = Membership
    readonly_fields = ("created", "updated")
    extra = 0


@admin.register(User)
class SiteUserAdmin(UserAdmin):
    """Accounts are made by signing up, not here."""

    list_display = ("username", "email", "get_full_name", "is_staff", "is_active")
    list_editable = ("is_active",)
    search_fields = (*UserAdmin.search_fields, "bio")
    inlines = (ApiKeyInline, MembershipInline)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Personal info", {"fields": ("first_name", "last_name", "email", "bio")}),
        (
            "Permissions",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Important dates", {"fields": ("last_login", "date_joined")}),
    )

    def has_add_permission(self, request) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ("__str__", "created", "updated")
    date_hierarchy = "created"
    search_fields = ("creator__username",)
    list_filter = ("membership_type",)
    raw_id_fields = ("creator",)
    actions = ("export_csv",)

    @admin.action(description="Export CSV")
    def export_csv(self, request, queryset):
        response = HttpResponse(
            content_type="text/csv",
            headers={"Content-Disposition": "attachment; filename=membership.csv"},
        )
        columns = ("email_address", "votes", "last_vote_affirmation")
        rows = csv.writer(response)
        rows.writerow(("membership_type", "creator", *columns))
        for member in queryset.select_related("creator"):
            kind = member.get_membership_type_display().removesuffix(" Member")
            rows.writerow((kind, member.creator, *(getattr(member, name) for name in columns)))
        return response


@admin.register(UserGroup)
class UserGroupAdmin(admin.ModelAdmin):
    list_display = ("name", "location", "url_type", "approved", "trusted")
    list_filter = ("url_type", "approved", "trusted")
    search_fields = ("name", "location")
