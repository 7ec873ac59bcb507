from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from legacy_site.apps.boxes.models import Box


def box(request, label: str):
    """The HTML of a box and nothing else: scripts put it into pages."""
    return HttpResponse(get_object_or_404(Box, label=label).content.rendered)
