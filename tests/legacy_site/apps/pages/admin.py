from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.pages.forms import PageForm
from legacy_site.apps.pages.models import DocumentFile, Image, Page


class PathFilter(admin.SimpleListFilter):
    """Pages below a path of one or two segments."""

    title = "Path"
    parameter_name = "pathlimiter"

    def lookups(self, request, model_admin):
        starts = set()
        for path in Page.objects.values_list("path", flat=True):
            segments = path.split("/")
            starts |= {"/".join(segments[:1]), "/".join(segments[:2])}
        return [(start, start) for start in sorted(starts)]

    def queryset(self, request, queryset):
        return queryset.filter(path__startswith=self.value()) if self.value() else queryset


class ImageInline(admin.StackedInline):
    model = Image
    extra = 1


class DocumentFileInline(admin.StackedInline):
    model = DocumentFile
    extra = 1


@admin.register(Page)
class PageAdmin(ContentManageableAdmin):
    form = PageForm
    search_fields = ("title", "path")
    list_display = ("shown_title", "path", "is_published")
    list_filter = (PathFilter, "is_published")
    inlines = (ImageInline, DocumentFileInline)
    save_as = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "keywords",
                    "description",
                    "path",
                    "content",
                    "content_markup_type",
                    "is_published",
                )
            },
        ),
        ("Advanced options", {"classes": ("collapse",), "fields": ("template_name",)}),
    )

    @admin.display(description="title", ordering="title")
    def shown_title(self, page: Page) -> str:
        return page.title or "(no title)"
