"""CMS pages in API v1."""

from legacy_site.apps.api.resources import SiteResource, StaffWritesAndSeesDrafts
from legacy_site.apps.pages.models import Page


class PageResource(SiteResource):
    class Meta(SiteResource.Meta):
        abstract = False
        queryset = Page.objects.all()
        resource_name = "pages/page"
        authorization = StaffWritesAndSeesDrafts()
        fields = (
            "title",
            "keywords",
            "description",
            "path",
            "content",
            "is_published",
            "template_name",
        )
        filtering = {  # noqa: RUF012
            "title": ("exact",),
            "path": ("exact",),
            "keywords": ("exact", "icontains"),
            "is_published": ("exact",),
        }
