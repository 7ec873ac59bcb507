"""CMS pages in API v2: read-only. (The docstring of a view set would show in its answers.)"""

from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from legacy_site.apps.api.viewsets import DraftsForStaff, KnownFiltersOnly, SiteViewSet
from legacy_site.apps.pages.models import Page


class PageSerializer(serializers.HyperlinkedModelSerializer):
    resource_uri = serializers.HyperlinkedIdentityField(view_name="page-detail")
    content = serializers.CharField(source="content.rendered", read_only=True)

    class Meta:
        model = Page
        fields = (
            "title",
            "path",
            "keywords",
            "description",
            "content",
            "is_published",
            "template_name",
            "resource_uri",
        )


class PageViewSet(DraftsForStaff, SiteViewSet, ReadOnlyModelViewSet):
    queryset = Page.objects.all()
    serializer_class = PageSerializer
    filter_backends = (KnownFiltersOnly,)
    filterset_fields = {  # noqa: RUF012
        "title": ["exact"],
        "path": ["exact"],
        "keywords": ["exact", "icontains"],
        "is_published": ["exact"],
    }
