"""What the view sets of API v2 (Django REST framework) share."""

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.routers import APIRootView


class StaffWrites(BasePermission):
    """Everybody reads, staff write."""

    def has_permission(self, request, view) -> bool:
        return request.method in SAFE_METHODS or request.user.is_staff


class Negotiated:
    """`Vary: Accept` on every answer: the recorded site had a second, browsable form."""

    @property
    def default_response_headers(self) -> dict[str, str]:
        return super().default_response_headers | {"Vary": "Accept"}


class SiteRoot(Negotiated, APIRootView):
    def get_view_name(self) -> str:
        return "Api Root"


class SiteViewSet(Negotiated):
    permission_classes = (StaffWrites,)
    filter_backends = (DjangoFilterBackend,)

    def get_success_headers(self, data) -> dict[str, str]:
        return {"Location": data["resource_uri"]}


class DraftsForStaff:
    """Rows that are not published do not exist for all others."""

    def get_queryset(self):
        rows = super().get_queryset()
        return rows if self.request.user.is_staff else rows.filter(is_published=True)


class KnownFiltersOnly(DjangoFilterBackend):
    """Refuses parameters that are no filter of the view."""

    def filter_queryset(self, request, queryset, view):
        known = self.get_filterset_class(view, queryset).base_filters
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            raise ValidationError({"error": [_refusal(name) for name in unknown]})
        return super().filter_queryset(request, queryset, view)


def _refusal(name: str) -> str:
    field, _, lookup = name.rpartition("__")
    if not field:
        field, lookup = name, "exact"
    return f"'{lookup}' is not an allowed filter on the '{field}' field."
