"""`{% load honeypot %}` of django-honeypot: a field that only programs fill."""

from collections.abc import Mapping
from typing import Any

from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.rendering.context import Context

honeypot = Library("honeypot")


@honeypot.inclusion_tag("honeypot/honeypot_field.html", takes_context=True)
def render_honeypot_field(context: Context, field_name: Any = None) -> Mapping[str, Any]:
    """The site's field, or one of another name with the same value."""
    known = context.environment.site.honeypot or Honeypot()
    names = known.template_context()
    return {**names, "fieldname": field_name} if field_name else names
