"""Operating systems, releases and files in API v1."""

from tastypie.constants import ALL, ALL_WITH_RELATIONS
from tastypie.exceptions import BadRequest
from tastypie.fields import ToOneField
from tastypie.validation import Validation

from legacy_site.apps.api.resources import SiteResource, StaffWrites, StaffWritesAndSeesDrafts
from legacy_site.apps.downloads.file_urls import url_errors
from legacy_site.apps.downloads.models import OS, URL_FIELDS, Release, ReleaseFile
from legacy_site.apps.pages.api_v1 import PageResource


class OSResource(SiteResource):
    class Meta(SiteResource.Meta):
        abstract = False
        queryset = OS.objects.all()
        resource_name = "downloads/os"
        authorization = StaffWrites()
        fields = ("name", "slug")
        filtering = {"name": ("exact",), "slug": ("exact",)}  # noqa: RUF012


class ReleaseResource(SiteResource):
    release_page = ToOneField(PageResource, "release_page", null=True, blank=True)

    class Meta(SiteResource.Meta):
        abstract = False
        queryset = Release.objects.all()
        resource_name = "downloads/release"
        authorization = StaffWritesAndSeesDrafts()
        fields = (
            "name",
            "slug",
            "version",
            "is_published",
            "is_latest",
            "release_date",
            "pre_release",
            "release_page",
            "release_notes_url",
            "show_on_download_page",
        )
        filtering = {  # noqa: RUF012
            "name": ("exact",),
            "slug": ("exact",),
            "is_published": ("exact",),
            "pre_release": ("exact",),
            "version": ("exact", "startswith"),
            # Not a list of lookups to tastypie, so each is refused; clients know no other.
            "release_date": (ALL,),
        }


class _OwnUrls(Validation):
    """What admin and API v2 ask of the URLs of a file as well."""

    def is_valid(self, bundle, request=None) -> dict[str, list[str]]:
        return url_errors({name: getattr(bundle.obj, name) for name in URL_FIELDS}, stored=None)


class ReleaseFileResource(SiteResource):
    os = ToOneField(OSResource, "os")
    release = ToOneField(ReleaseResource, "release")

    class Meta(SiteResource.Meta):
        abstract = False
        queryset = ReleaseFile.objects.all()
        resource_name = "downloads/release_file"
        authorization = StaffWrites()
        validation = _OwnUrls()
        list_allowed_methods = ("get", "post", "delete")
        fields = (
            "name",
            "slug",
            "os",
            "release",
            "description",
            "is_source",
            "url",
            "gpg_signature_file",
            "md5_sum",
            "sha256_sum",
            "filesize",
            "download_button",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
        )
        filtering = {  # noqa: RUF012
            "name": ("exact",),
            "slug": ("exact",),
            "os": ALL_WITH_RELATIONS,
            "release": ALL_WITH_RELATIONS,
            "description": ("contains",),
        }

    def obj_delete_list(self, bundle, **kwargs) -> None:
        """Of exactly one release, so that a slip cannot empty the table."""
        if [(name, len(values)) for name, values in bundle.request.GET.lists()] != [("release", 1)]:
            raise BadRequest("Deleting release files requires exactly one 'release' filter.")
        super().obj_delete_list(bundle, **kwargs)
