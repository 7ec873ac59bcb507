"""What the resources of API v1 (tastypie) share: who asks, what they may, how often."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from tastypie.authentication import ApiKeyAuthentication, Authentication
from tastypie.authorization import Authorization
from tastypie.exceptions import Unauthorized
from tastypie.http import HttpUnauthorized
from tastypie.resources import ModelResource
from tastypie.serializers import Serializer
from tastypie.throttle import BaseThrottle, CacheThrottle


class GuestOrApiKey(ApiKeyAuthentication):
    """`Authorization: ApiKey name:key`, or nothing at all for a guest.

    A session is not looked at. A name or a key outside the header is refused.
    """

    def is_authenticated(self, request, **kwargs):
        request.user = AnonymousUser()
        if any(name in form for form in (request.GET, request.POST) for name in _CREDENTIALS):
            return HttpUnauthorized()
        if "HTTP_AUTHORIZATION" not in request.META:
            return True
        return super().is_authenticated(request, **kwargs)

    def extract_credentials(self, request) -> tuple[str, str]:
        # A second colon is a ValueError, which the caller takes for wrong credentials.
        username, key = self.get_authorization_data(request).split(":")
        return username, key

    def get_identifier(self, request) -> str:
        """Whose requests the throttle counts together."""
        if request.user.is_authenticated:
            return request.user.get_username()
        return Authentication.get_identifier(self, request)


_CREDENTIALS = ("username", "api_key")


class StaffWrites(Authorization):
    """Everybody reads, staff write."""

    def _require_staff(self, bundle) -> None:
        if not bundle.request.user.is_staff:
            raise Unauthorized("Only staff may write.")

    def create_detail(self, object_list, bundle) -> bool:
        self._require_staff(bundle)
        return True

    def delete_list(self, object_list, bundle):
        self._require_staff(bundle)
        return object_list

    def delete_detail(self, object_list, bundle) -> bool:
        self._require_staff(bundle)
        return True


class StaffWritesAndSeesDrafts(StaffWrites):
    """Rows that are not published are hidden from all others."""

    def read_list(self, object_list, bundle):
        if bundle.request.user.is_staff:
            return object_list
        return object_list.filter(is_published=True)

    def read_detail(self, object_list, bundle) -> bool:
        if not (bundle.request.user.is_staff or bundle.obj.is_published):
            raise Unauthorized("Not published.")
        return True


def _throttle() -> BaseThrottle:
    """600 requests an hour, unless the settings switch throttling off for both APIs."""
    if "DEFAULT_THROTTLE_CLASSES" in settings.REST_FRAMEWORK:
        return CacheThrottle(throttle_at=600)
    return BaseThrottle()


class SiteResource(ModelResource):
    class Meta:
        abstract = True
        authentication = GuestOrApiKey()
        serializer = Serializer(formats=["json", "xml", "yaml"])
        throttle = _throttle()
        list_allowed_methods = ("get", "post")
        detail_allowed_methods = ("get", "delete")
