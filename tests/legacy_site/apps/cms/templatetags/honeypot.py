"""`{% load honeypot %}{% render_honeypot_field %}` within a form."""

from django import template
from django.conf import settings

register = template.Library()


@register.inclusion_tag("honeypot/honeypot_field.html")
def render_honeypot_field(field_name: str | None = None) -> dict:
    return {
        "fieldname": field_name or settings.HONEYPOT_FIELD_NAME,
        "value": settings.HONEYPOT_VALUE,
    }
