"""Django admin of content: keeps note of who made and who changed a row."""

from django.contrib import admin

_STAMPS = ("created", "updated", "creator", "last_modified_by")


class ContentManageableAdmin(admin.ModelAdmin):
    """Adds the columns of `ContentManageable`, read-only, and fills in the current user."""

    def save_model(self, request, obj, form, change) -> None:
        if change:
            obj.last_modified_by = request.user
        else:
            obj.creator = request.user
        super().save_model(request, obj, form, change)

    def get_readonly_fields(self, request, obj=None):
        return (*super().get_readonly_fields(request, obj), *_STAMPS)

    def get_list_display(self, request):
        return (*super().get_list_display(request), "created", "updated")

    def get_list_filter(self, request):
        return (*super().get_list_filter(request), "created", "updated")

    def get_fieldsets(self, request, obj=None):
        sections = [
            (title, options | {"fields": [f for f in options["fields"] if f not in _STAMPS]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        stamps = [("creator", "created"), ("last_modified_by", "updated")]
        return [*sections, ("CMS metadata", {"fields": stamps, "classes": ["collapse"]})]


class ContentManageableInline:
    """For inlines: the stamps are shown, read-only; they are not filled in."""

    readonly_fields = _STAMPS


class NameSlugAdmin(ContentManageableAdmin):
    """Fills the slug from the name while it is typed."""

    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
