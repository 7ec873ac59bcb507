"""API v1."""

from tastypie.api import Api

from legacy_site.apps.downloads.api_v1 import OSResource, ReleaseFileResource, ReleaseResource
from legacy_site.apps.pages.api_v1 import PageResource

api = Api(api_name="v1")
for resource in (PageResource, OSResource, ReleaseResource, ReleaseFileResource):
    api.register(resource())
