from django.contrib import admin

from legacy_site.apps.companies.models import Company


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    list_display = ("__str__", "contact", "email")
    search_fields = ("name",)
    ordering = ("-pk",)
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
