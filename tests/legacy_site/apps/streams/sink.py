"""Takes a body of any length, keeps none of it, and says what it was."""

import hashlib

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

PIECE = 64 * 1024


@csrf_exempt
@require_http_methods(["POST", "PUT"])
def sink(request):
    """`{"bytes": …, "sha256": …}` of a raw body: a form's would be spooled to a file first."""
    # Not `request.read`: to Django a body without Content-Length is empty. gunicorn ends this one
    # where the request ends, chunked or not.
    body = request.environ["wsgi.input"]
    count, digest = 0, hashlib.sha256()
    while piece := body.read(PIECE):
        count += len(piece)
        digest.update(piece)
    return JsonResponse({"bytes": count, "sha256": digest.hexdigest()})
