"""API v2."""

from rest_framework.routers import DefaultRouter

from legacy_site.apps.api.viewsets import SiteRoot
from legacy_site.apps.downloads.api_v2 import OSViewSet, ReleaseFileViewSet, ReleaseViewSet
from legacy_site.apps.pages.api_v2 import PageViewSet


class _Router(DefaultRouter):
    APIRootView = SiteRoot


router = _Router()
router.register("pages/page", PageViewSet)
router.register("downloads/os", OSViewSet)
router.register("downloads/release", ReleaseViewSet)
router.register("downloads/release_file", ReleaseFileViewSet)
