from django import forms
from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin, NameSlugAdmin
from legacy_site.apps.downloads.file_urls import url_errors
from legacy_site.apps.downloads.models import OS, URL_FIELDS, Release, ReleaseFile


class ReleaseFileForm(forms.ModelForm):
    class Meta:
        model = ReleaseFile
        fields = "__all__"

    def clean(self):
        values = super().clean() or self.cleaned_data
        stored = ReleaseFile.objects.filter(pk=self.instance.pk).first()
        urls = {name: values[name] for name in URL_FIELDS if name in values}
        for name, messages in url_errors(urls, stored).items():
            self.add_error(name, messages)
        return values


class ReleaseFileInline(admin.StackedInline):
    model = ReleaseFile
    form = ReleaseFileForm
    extra = 0
    exclude = ("created", "updated", "creator", "last_modified_by")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


class ReleaseForm(forms.ModelForm):
    class Meta:
        model = Release
        fields = "__all__"
        widgets = {  # noqa: RUF012
            "name": forms.TextInput(attrs={"class": "vTextField", "placeholder": "Python 3.X.Y"})
        }


@admin.register(OS)
class OSAdmin(NameSlugAdmin):
    pass


@admin.register(Release)
class ReleaseAdmin(ContentManageableAdmin):
    form = ReleaseForm
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
    raw_id_fields = ("release_page",)
    date_hierarchy = "release_date"
    list_display = ("__str__", "is_published", "show_on_download_page")
    list_filter = ("version", "is_published", "show_on_download_page")
    search_fields = ("name", "slug")
    ordering = ("-release_date",)
    inlines = (ReleaseFileInline,)

    class Media:
        js = ("js/release-notes.js",)
