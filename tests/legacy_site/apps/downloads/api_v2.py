"""Operating systems, releases and files in API v2.

The docstring of a view set would show in its answers to OPTIONS.
"""

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from legacy_site.apps.api.viewsets import DraftsForStaff, KnownFiltersOnly, SiteViewSet
from legacy_site.apps.downloads.file_urls import url_errors
from legacy_site.apps.downloads.models import OS, URL_FIELDS, Release, ReleaseFile


class OSSerializer(serializers.HyperlinkedModelSerializer):
    resource_uri = serializers.HyperlinkedIdentityField(view_name="os-detail")

    class Meta:
        model = OS
        fields = ("name", "slug", "resource_uri")


class ReleaseSerializer(serializers.HyperlinkedModelSerializer):
    resource_uri = serializers.HyperlinkedIdentityField(view_name="release-detail")

    class Meta:
        model = Release
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
            "resource_uri",
        )


class ReleaseFileSerializer(serializers.HyperlinkedModelSerializer):
    resource_uri = serializers.HyperlinkedIdentityField(view_name="releasefile-detail")

    class Meta:
        model = ReleaseFile
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
            "resource_uri",
            "sigstore_signature_file",
            "sigstore_cert_file",
            "sigstore_bundle_file",
            "sbom_spdx2_file",
        )

    def validate(self, attrs):
        stored = {name: getattr(self.instance, name, "") for name in URL_FIELDS}
        errors = url_errors(stored | attrs, self.instance)
        if errors:
            raise serializers.ValidationError(errors)
        return attrs


class OSViewSet(SiteViewSet, ModelViewSet):
    queryset = OS.objects.all()
    serializer_class = OSSerializer
    filterset_fields = ("name", "slug")


class ReleaseViewSet(DraftsForStaff, SiteViewSet, ModelViewSet):
    queryset = Release.objects.all()
    serializer_class = ReleaseSerializer
    filterset_fields = (
        "name",
        "slug",
        "is_published",
        "pre_release",
        "version",
        "release_date",
    )


class ReleaseFileViewSet(SiteViewSet, ModelViewSet):
    queryset = ReleaseFile.objects.all()
    serializer_class = ReleaseFileSerializer
    filter_backends = (KnownFiltersOnly,)
    filterset_fields = {  # noqa: RUF012
        "name": ["exact"],
        "slug": ["exact"],
        "description": ["contains"],
        "os": ["exact"],
        "release": ["exact"],
    }

    @action(detail=False, methods=["delete"])
    def delete_by_release(self, request, **kwargs):
        try:
            release = int(request.query_params["release"])
        except (KeyError, ValueError):
            return Response(status=400)
        self.get_queryset().filter(release_id=release).delete()
        return Response(status=204)
