"""One view for each thing that a visitor has."""

import json
import random
import secrets

from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.http import http_date
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from waffle import flag_is_active


def session(request):
    """The session's values. POST sets one, from JSON."""
    if request.method == "POST":
        request.session[request.POST["key"]] = json.loads(request.POST["value"])
    return JsonResponse(dict(request.session.items()))


def session_key(request):
    """POST gives the session another key."""
    if request.method == "POST":
        request.session.cycle_key()
    return JsonResponse({"key": request.session.session_key})


def session_expiry(request):
    """POST sets when it ends: seconds, 0 for the browser's end."""
    if request.method == "POST":
        request.session.set_expiry(int(request.POST["seconds"]))
    return JsonResponse(
        {
            "age": request.session.get_expiry_age(),
            "with_browser": request.session.get_expire_at_browser_close(),
        }
    )


def flush(request):
    """POST forgets the session."""
    if request.method == "POST":
        request.session.flush()
    return JsonResponse({})


def message(request):
    """The messages, which are gone then. POST adds one and shows none."""
    if request.method == "POST":
        text = request.POST["text"]
        messages.add_message(
            request,
            int(request.POST["level"]),
            mark_safe(text) if "safe" in request.POST else text,
            extra_tags=request.POST.get("tags", ""),
        )
        return JsonResponse({})
    shown = [
        {
            "level": each.level,
            "text": str(each.message),
            "tags": each.tags,
            "safe": hasattr(each.message, "__html__"),
        }
        for each in messages.get_messages(request)
    ]
    return JsonResponse({"messages": shown})


def form(request):
    """The token for a form. POST says what came; it passes only with the token."""
    if request.method == "POST":
        return JsonResponse({name: request.POST.getlist(name) for name in sorted(request.POST)})
    return JsonResponse({"token": get_token(request)})


@csrf_exempt
def exempt(request):
    """Takes a POST without any token."""
    return JsonResponse({"method": request.method})


def user(request):
    """Who it is, and what they may do."""
    who = request.user
    return JsonResponse(
        {
            "id": who.pk,
            "name": who.get_username(),
            "is_authenticated": who.is_authenticated,
            "is_staff": who.is_staff,
            "is_superuser": who.is_superuser,
            "groups": sorted(who.groups.values_list("name", flat=True)),
            "permissions": sorted(who.get_all_permissions()),
        }
    )


def flag(request, name):
    """Whether a feature is on."""
    return JsonResponse({"on": flag_is_active(request, name)})


def answer(request, status):
    """An answer of that status, after everything about the visitor has changed."""
    request.session["answered"] = status
    messages.info(request, "answered")
    get_token(request)
    response = HttpResponse(b"answered", status=status)
    if status in (204, 304):
        response.content = b""
        del response["Content-Type"]
    return response


def fail(request):
    """Logs in whom the form names, and fails then."""
    user = get_user_model().objects.get(username=request.POST["name"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    messages.info(request, "logged in")
    raise RuntimeError("after the login")


def stream(request):
    """In pieces; the session is changed while they are on their way, which is too late."""

    def pieces():
        yield b"one "
        request.session["late"] = True
        yield b"two"

    request.session["early"] = True
    return StreamingHttpResponse(pieces(), content_type="text/plain; charset=utf-8")


def clock(request):
    """The time, as pages tell it."""
    now = timezone.now()
    return HttpResponse(
        f"<html><body><p id=now>{now.isoformat()}</p>"
        f"<p>{now:%Y-%m-%d %H:%M:%S}</p><p>{http_date(now.timestamp())}</p></body></html>"
    )


def dice(request):
    """Another number each time, or by chance the same."""
    return JsonResponse({"thrown": random.randint(1, 6), "sides": 6})


def quotation(request):
    """One of several paragraphs, and a token that never comes again."""
    said = random.choice(["Beautiful is better than ugly.", "Now is better than never.", "Ni!"])
    token = secrets.token_urlsafe(24)
    return HttpResponse(f"<html><body><blockquote>{said}</blockquote><i>{token}</i></body></html>")
