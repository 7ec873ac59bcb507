from django.contrib import admin

from legacy_site.apps.cms.admin import ContentManageableAdmin
from legacy_site.apps.sponsors import models


class SponsorContactInline(admin.TabularInline):
    model = models.SponsorContact
    raw_id_fields = ("user",)
    extra = 0


class SponsorBenefitInline(admin.TabularInline):
    model = models.SponsorBenefit
    fields = ("sponsorship_benefit", "program", "program_name", "name", "benefit_internal_value")
    raw_id_fields = ("sponsorship_benefit",)
    extra = 0


@admin.register(models.SponsorshipProgram)
class ProgramAdmin(admin.ModelAdmin):
    list_display = ("name", "order")


@admin.register(models.SponsorshipPackage)
class PackageAdmin(admin.ModelAdmin):
    list_display = ("name", "year", "sponsorship_amount", "advertise", "allow_a_la_carte")
    list_filter = ("year", "advertise")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012


@admin.register(models.SponsorshipBenefit)
class BenefitAdmin(admin.ModelAdmin):
    list_display = ("name", "program", "year", "package_only", "internal_value", "unavailable")
    list_filter = ("program", "year", "package_only", "packages", "new", "standalone")
    list_select_related = ("program",)
    ordering = ("-year", "program", "order")
    search_fields = ("name",)


@admin.register(models.LegalClause)
class LegalClauseAdmin(admin.ModelAdmin):
    list_display = ("internal_name", "order")


@admin.register(models.SponsorshipCurrentYear)
class CurrentYearAdmin(admin.ModelAdmin):
    """One row, which can only be changed."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(models.Sponsor)
class SponsorAdmin(ContentManageableAdmin):
    inlines = (SponsorContactInline,)
    list_display = ("name",)
    search_fields = ("name",)


@admin.register(models.Sponsorship)
class SponsorshipAdmin(admin.ModelAdmin):
    inlines = (SponsorBenefitInline,)
    list_display = (
        "sponsor",
        "status",
        "package",
        "year",
        "applied_on",
        "approved_on",
        "start_date",
        "end_date",
    )
    list_filter = ("status", "package", "year")
    list_select_related = ("sponsor", "package")
    raw_id_fields = ("submited_by", "overlapped_by")
    search_fields = ("sponsor__name",)


@admin.register(models.Contract)
class ContractAdmin(admin.ModelAdmin):
    list_display = ("__str__", "status", "revision", "created_on", "last_update")
    list_filter = ("status", "sponsorship__year")
    list_select_related = ("sponsorship__sponsor", "sponsorship__package")
    raw_id_fields = ("sponsorship",)


@admin.register(models.SponsorEmailNotificationTemplate)
class EmailTemplateAdmin(admin.ModelAdmin):
    list_display = ("internal_name", "subject")
    search_fields = ("internal_name",)
    readonly_fields = ("created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("internal_name",)}),
        ("Email template", {"fields": ("subject", "content")}),
        ("Timestamps", {"fields": ("created_at", "updated_at"), "classes": ("collapse",)}),
    )


@admin.register(
    models.LogoPlacementConfiguration,
    models.TieredBenefitConfiguration,
    models.EmailTargetableConfiguration,
    models.RequiredImgAssetConfiguration,
    models.RequiredTextAssetConfiguration,
    models.RequiredResponseAssetConfiguration,
    models.ProvidedTextAssetConfiguration,
    models.ProvidedFileAssetConfiguration,
)
class ConfigurationAdmin(admin.ModelAdmin):
    list_display = ("__str__", "benefit")
    raw_id_fields = ("benefit",)


@admin.register(
    models.LogoPlacement,
    models.TieredBenefit,
    models.EmailTargetable,
    models.RequiredImgAsset,
    models.RequiredTextAsset,
    models.RequiredResponseAsset,
    models.ProvidedTextAsset,
    models.ProvidedFileAsset,
)
class FeatureAdmin(admin.ModelAdmin):
    list_display = ("__str__", "sponsor_benefit")
    raw_id_fields = ("sponsor_benefit",)


@admin.register(models.GenericAsset)
class AssetAdmin(admin.ModelAdmin):
    """All assets; a value is changed where its own kind is listed."""

    list_display = ("internal_name", "content_object", "polymorphic_ctype", "uuid")
    list_filter = ("content_type", "polymorphic_ctype")
    search_fields = ("internal_name",)
    readonly_fields = ("uuid", "content_type", "object_id", "internal_name")

    def has_add_permission(self, request) -> bool:
        return False


@admin.register(models.ImgAsset, models.TextAsset, models.FileAsset, models.ResponseAsset)
class ValueAdmin(AssetAdmin):
    list_display = ("internal_name", "content_object", "uuid")
    list_filter = ("content_type",)
