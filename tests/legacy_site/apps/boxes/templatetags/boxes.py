"""`{% load boxes %}{% box "label" %}`"""

import logging

from django import template
from django.utils.safestring import mark_safe

from legacy_site.apps.boxes.models import Box

register = template.Library()
logger = logging.getLogger(__name__)


@register.simple_tag
def box(label: str) -> str:
    """The HTML of a box; nothing, and a line in the log, where there is none of that label."""
    rendered = Box.objects.filter(label=label).values_list("_content_rendered", flat=True).first()
    if rendered is None:
        logger.warning("no box is labelled %r", label)
        return ""
    return mark_safe(rendered)
