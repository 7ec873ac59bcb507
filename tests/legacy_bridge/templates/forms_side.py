"""Django's form in Django's engine, and ours in ours, by one template; prints both as JSON."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import django
from django import forms as django_forms
from django.conf import settings
from django.template import Context, Engine

from ported_domains.shared import forms
from tests.legacy_bridge.templates.engine import environment

TEMPLATE = """{% load widget_tweaks %}{{ form.as_p }}|{{ form.non_field_errors }}|{{ form.errors }}
{% for field in form %}{{ field.errors }}{{ field.label_tag }}{{ field }}{{ field.help_text|safe }}
{% if field.errors %}{{ field.errors.0 }}{% endif %}{{ field.name }} {{ field.id_for_label }}
{% if field.field.required %}required{% endif %}{{ field.value|default_if_none:"" }}{% endfor %}
{{ form.name.errors.as_text }}{% for option in form.kind %}{{ option }}{% endfor %}
{% for field in form.visible_fields %}{{ field.label }}{% endfor %}{{ form.is_bound }}
{{ form.is_valid }}"""
KINDS = [("a", "A"), ("b", "<B>")]


class Theirs(django_forms.Form):  # type: ignore[misc]
    name = django_forms.CharField(max_length=10, help_text="Help <b>")
    age = django_forms.IntegerField(required=False)
    kind = django_forms.ChoiceField(choices=KINDS)
    text = django_forms.CharField(widget=django_forms.Textarea)
    ok = django_forms.BooleanField()


class Ours(forms.Form):
    name = forms.CharField(max_length=10, help_text="Help <b>")
    age = forms.IntegerField(required=False)
    kind = forms.ChoiceField(choices=KINDS)
    text = forms.CharField(widget=forms.Textarea())
    ok = forms.BooleanField()


def both(data: Mapping[str, str] | None) -> dict[str, str]:
    plain = TEMPLATE.replace("{% load widget_tweaks %}", "")
    theirs = Engine().from_string(plain).render(Context({"form": Theirs(data)}))
    values: Any = None if data is None else forms.Values(data.items())
    page = environment().from_django(TEMPLATE)
    return {
        "django": theirs,
        "ours": page.render({"form": Ours(values)}),
        "djangos_form_in_ours": page.render({"form": Theirs(data)}),
    }


if __name__ == "__main__":
    settings.configure(USE_TZ=True, TEMPLATES=[])
    django.setup()
    cases = [None, {}, {"name": "<x>" * 9, "age": "q", "kind": "b", "text": "a\n<b>", "ok": "on"}]
    json.dump([both(case) for case in cases], sys.stdout)
