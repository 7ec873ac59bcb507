"""`{% load community %}{% render_template_for post %}`"""

from django import template
from django.template.loader import render_to_string

from legacy_site.apps.community.models import Post

register = template.Library()


@register.simple_tag
def render_template_for(
    obj: Post, template: str | None = None, template_directory: str | None = None
) -> str:
    """A post by the template of its media type, or else by the default one."""
    names = [template] if template else []
    for directory in filter(None, (template_directory, "community/types")):
        names += [f"{directory}/{obj.get_media_type_display()}.html", f"{directory}/default.html"]
    return render_to_string(names, {"object": obj})
