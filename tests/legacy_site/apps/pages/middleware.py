from django.conf import settings
from django.http import HttpResponsePermanentRedirect
from django.utils.encoding import escape_uri_path

from legacy_site.apps.pages.views import PageView, find


class PageFallback:
    """A path that nothing answers may be that of a CMS page."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response
        self.view = PageView.as_view()

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 404:
            return response
        page = find(request)
        if page is None:
            return response
        if settings.APPEND_SLASH and not request.path.endswith("/"):
            where = f"{request.scheme}://{request.get_host()}{escape_uri_path(request.path)}/"
            return HttpResponsePermanentRedirect(where)
        answer = self.view(request, page=page)
        return answer.render() if hasattr(answer, "render") else answer
