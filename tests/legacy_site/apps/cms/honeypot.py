"""A form field that people do not see and leave as it is; programs that fill in forms do not."""

from functools import wraps

from django.conf import settings
from django.http import HttpResponseBadRequest
from django.template.loader import render_to_string


def check_honeypot(view):
    """Refuses a POST in which the field is missing or changed, before the view sees it."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        name = settings.HONEYPOT_FIELD_NAME
        if request.method == "POST" and request.POST.get(name) != settings.HONEYPOT_VALUE:
            page = render_to_string("honeypot/honeypot_error.html", {"fieldname": name})
            return HttpResponseBadRequest(page)
        return view(request, *args, **kwargs)

    return checked
