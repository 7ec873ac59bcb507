"""What `strangler bench templates` renders: pages as sites have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

_BASE = """<!doctype html>
<html lang="en"><head><title>{% block title %}{{ site.name }}{% endblock %}</title></head>
<body class="{% block kind %}plain{% endblock %}">
<nav><ul>{% for entry in menu %}
  <li{% if entry.url == path %} class="current"{% endif %}>
  <a href="{{ entry.url }}">{{ entry.title }}</a>
  {% if entry.children %}<ul>{% for child in entry.children %}
    <li class="{% cycle 'odd' 'even' %}"><a href="{{ child.url }}">{{ child.title|title }}</a></li>
    {% endfor %}
  </ul>{% endif %}</li>{% endfor %}
</ul></nav>
{% if user.is_authenticated %}Hello, {{ user.get_full_name|default:user.username }}
{% else %}<a>Sign in</a>{% endif %}
<main>{% block content %}{% endblock %}</main>
<footer>{{ site.name }} · {{ site.address|linebreaksbr }}</footer>
</body></html>
"""
_LIST = """{% extends "base.html" %}
{% block title %}Releases | {{ block.super }}{% endblock %}
{% block content %}<table>{% for release in releases %}
{% include "row.html" with number=forloop.counter %}
{% empty %}<tr><td>None</td></tr>{% endfor %}</table>
<p>{{ releases|length }} release{{ releases|length|pluralize }}</p>{% endblock %}
"""
_ROW = """<tr class="{% if release.is_current and not release.is_draft %}current{% endif %}">
<td>{{ number }}</td><td><a href="{{ release.url }}">{{ release.name }}</a></td>
<td>{{ release.day|date:"N j, Y" }}</td><td>{{ release.size|filesizeformat }}</td>
<td>{{ release.notes|default:"—"|truncatewords:8 }}</td></tr>"""
_DETAIL = """{% extends "base.html" %}
{% block kind %}detail{% endblock %}
{% block content %}{% with release=releases.0 %}<h1>{{ release.name }}</h1>
{% if release.notes %}<p>{{ release.notes|linebreaks }}</p>{% endif %}
<ul>{% for file in release.files %}<li>{{ file.name }}: {{ file.digest|lower }}
{% if file.size > 1000000 %}(large){% elif file.size > 1000 %}(middle){% else %}(small){% endif %}
</li>{% endfor %}</ul>
{% endwith %}{% endblock %}
"""
_TEXT = """{% for release in releases %}{{ release.name }} {{ release.owner.name }}
{{ release.owner.mail }}
{{ release.day }} {{ release.size }} {{ forloop.counter }}/{{ forloop.revcounter }}
{% endfor %}"""

TEMPLATES: Mapping[str, str] = {
    "base.html": _BASE,
    "list.html": _LIST,
    "row.html": _ROW,
    "detail.html": _DETAIL,
    "plain.txt": _TEXT,
}
PAGES: Sequence[str] = ("list.html", "detail.html", "plain.txt")


@dataclass
class Person:
    name: str
    mail: str = "someone@example.org"
    username: str = "someone"
    is_authenticated: bool = True

    def get_full_name(self) -> str:
        return self.name


@dataclass
class File:
    name: str
    size: int
    digest: str = "D41D8CD98F00B204E9800998ECF8427E"


@dataclass
class Release:
    number: int
    owner: Person
    files: list[File] = field(default_factory=list)
    notes: str = "What is new in <this> release, & why it matters to all who use it every day."

    @property
    def name(self) -> str:
        return f"Python 3.{self.number}.0"

    @property
    def url(self) -> str:
        return f"/downloads/release/python-3{self.number}0/"

    @property
    def day(self) -> date:
        return date(2024, 1, 1) + timedelta(days=self.number)

    @property
    def size(self) -> int:
        return self.number * 123_457

    def is_current(self) -> bool:
        return self.number % 3 == 0

    def is_draft(self) -> bool:
        return False


def names() -> dict[str, Any]:
    """The context of all pages."""
    person = Person("Ada <Lovelace>")
    files = [File(f"file-{number}.tar.xz", 10**number) for number in range(1, 12)]
    return {
        "site": {"name": "A & B", "address": "One street\nOne town"},
        "path": "/downloads/",
        "user": person,
        "menu": [
            {
                "url": f"/{word}/",
                "title": word,
                "children": [{"url": f"/{word}/{n}/", "title": f"part {n}"} for n in range(6)],
            }
            for word in ("about", "downloads", "documentation", "community", "news")
        ],
        "releases": [Release(number, person, files) for number in range(40)],
    }
