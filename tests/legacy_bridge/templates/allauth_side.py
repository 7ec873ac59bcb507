"""allauth's own tags in Django's engine, and ours in ours, by the same templates; prints what both
make of each page as JSON."""

import json
import sys
from collections.abc import Mapping

import django
from django.conf import settings
from django.template.loader import render_to_string

from legacy_bridge.templates.libraries.allauth import allauth
from tests.legacy_bridge.templates.engine import environment

TEMPLATES = {
    "allauth/elements/box.html": (
        "<div{% if attrs.tags %} class='{{ attrs.tags|join:' ' }}'{% endif %}>"
        "{% if slots.title %}<h2>{% slot title %}{% endslot %}</h2>{% endif %}"
        "{% slot %}{% endslot %}{% slot foot %}no foot{% endslot %}"
        "{% for one in slots.foot %}({{ one }}){% endfor %}"
        "{{ attrs.value }}{{ own }}{{ given }}</div>"
    ),
    "allauth/elements/link.html": "<a>{% slot %}{% endslot %}</a>",
    "allauth/elements/link__entrance.html": "<A>{% slot %}{% endslot %}</A>",
    "allauth/layouts/base.html": "<{% block content %}{% endblock %}>",
    "allauth/layouts/entrance.html": "{% extends 'allauth/layouts/base.html' %}",
    "included.html": "{% element link %}{{ given }}{% endelement %}",
}
CONTENT = (
    "{% block content %}{% element link %}1{% endelement %}{% element box %}"
    "{% element link %}2{% endelement %}{% endelement %}{% include 'included.html' %}{% endblock %}"
)
PAGES = {
    "attributes": "{% element box tags='a, b' value=given|upper %}{{ given }}{% endelement %}",
    "no tags": "{% element box tags='' %}{% endelement %}",
    "slots": (
        "{% element box %}before{% slot title %}{{ given }}{% endslot %}"
        "{% slot foot %}x<{% endslot %}"
        "{% slot foot %}{% with own='2' %}{{ own }}{% endwith %}{% endslot %}after{% endelement %}"
    ),
    "names of the body": (
        "{% element box %}{% setvar own %} s {% endsetvar %}{% endelement %}{{ own }}"
        "{% element box %}{% slot title %}{% setvar own %}t{% endsetvar %}{% endslot %}"
        "{% endelement %}{{ own }}"
    ),
    "nested": (
        "{% element box %}{% slot title %}{% element link %}{{ given }}{% endelement %}"
        "{% endslot %}{% element box %}{% slot foot %}inner{% endslot %}{% endelement %}"
        "{% endelement %}"
    ),
    "cycles begin anew": (
        "{% for i in 'abc' %}{% element link %}{% cycle '1' '2' %}{% endelement %}"
        "{% cycle '3' '4' %}{% endfor %}"
    ),
    "a variable": "{% setvar own %}\n <b>{{ given }}\n{% endsetvar %}[{{ own }}]",
    "no layout": "{% include 'included.html' %}",
    "a layout by name": (
        "{% with page_layout='entrance' %}{% include 'included.html' %}{% endwith %}"
    ),
    "a layout": "{% extends 'allauth/layouts/entrance.html' %}" + CONTENT,
    "another layout": "{% extends 'allauth/layouts/base.html' %}" + CONTENT,
}


def configure(templates: Mapping[str, str]) -> None:
    loaders = [("django.template.loaders.locmem.Loader", templates)]
    libraries = {"allauth": "allauth.templatetags.allauth"}
    options = {"loaders": loaders, "libraries": libraries, "builtins": [libraries["allauth"]]}
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}
    settings.configure(TEMPLATES=[engine])
    django.setup()


def both() -> dict[str, tuple[str, str]]:
    templates = {**TEMPLATES, **PAGES}
    configure(templates)
    names = {"given": "<i>"}
    ours = environment(templates, builtins=[allauth])
    return {
        page: (ours.template(page).render(names), render_to_string(page, dict(names)))
        for page in PAGES
    }


if __name__ == "__main__":
    json.dump(both(), sys.stdout)
