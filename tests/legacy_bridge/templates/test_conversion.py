"""Django source to Jinja2 source that a person would keep."""

import pytest

from tests.legacy_bridge.templates.engine import converted, environment, rendered


@pytest.mark.parametrize(
    ("django", "jinja"),
    [
        ("{{ a.b.0|date:'Y' }}", '{{ a.b.0|date("Y") }}'),
        ("{{a}}", "{{ a }}"),
        ("{{ block.super }}", "{{ super() }}"),
        ("{{ in.x }}", '{{ var("in").x }}'),
        ("{{ a.1b }}", '{{ a["1b"] }}'),
        ("{{ 1.50 }} {{ -2 }} {{ None }}", "{{ 1.5 }} {{ -2 }} {{ None }}"),
        ('{{ _("Hi")|upper }}', '{{ _("Hi")|upper }}'),
        (r'{{ "a \"b\" \\ c" }}', r'{{ "a \"b\" \\ c" }}'),
        ("{# -note- #}x", "{# -note- #}x"),
        ("{#- a -#}", "{# - a - #}"),
        ("{# over\ntwo #}", '{{ "{" }}# over\ntwo #}'),
        ("a{% comment %}b\n{% if %}{% endcomment %}c", "a{#b\n{% if %}#}c"),
        ("{% verbatim %}{{ a }}{% endverbatim %}", "{% raw %}{{ a }}{% endraw %}"),
        ("{% templatetag openblock %}", '{{ "{%" }}'),
        ('{% load static %}{% static "a.css" %}', '{{ static("a.css") }}'),
        ('{% url "home" %}', '{{ url("home") }}'),
        ('{% url "a" pk=x.id as here %}', '{% set here = url_if_any("a", pk=x.id) %}'),
        ('{% include "a.html" %}', '{% include "a.html" %}'),
        ("{% include a with b=c|lower %}", "{{ include(a, b=c|lower) }}"),
        ('{% include "a" with b=1 only %}', '{{ include_only("a", b=1) }}'),
        ("{% for a,b in c reversed %}{% empty %}-{% endfor %}", None),
        (
            "{% if a and not b or c in d %}x{% endif %}",
            "{% if a and not b or c in d %}x{% endif %}",
        ),
        ("{% if a in b == c %}{% endif %}", "{% if a in (b == c) %}{% endif %}"),
        ("{% if a is not None %}{% endif %}", "{% if a is otherthan(None) %}{% endif %}"),
        ("{% with a=b %}{% endwith %}", "{% with a=b %}{% endwith %}"),
        ("{% with b as a %}{% endwith %}", "{% with a=b %}{% endwith %}"),
        ("{% autoescape off %}{% endautoescape %}", "{% autoescape false %}{% endautoescape %}"),
        (
            "{% filter upper|cut:'A' %}b{% endfilter %}",
            '{% filter upper|cut("A") %}b{% endfilter %}',
        ),
        (
            "{% spaceless %}<a> </a>{% endspaceless %}",
            "{% spaceless() %}<a> </a>{% endspaceless %}",
        ),
        (
            "{% regroup a by b.c as d %}",
            '{% set d = regroup(a, d.b.c, "d") %}',
        ),
        (
            "{% ifchanged a %}x{% else %}y{% endifchanged %}",
            "{% ifchanged(a) %}x{% else %}y{% endifchanged %}",
        ),
        ("{% cycle 'a' b as c silent %}", '{{ cycle("a", b, name="c", silent=True) }}'),
        (
            "{% block side-bar %}{% endblock side-bar %}",
            "{% block side_bar %}{% endblock side_bar %}",
        ),
        (
            "{% load cache %}{% cache 60 menu user.id %}x{% endcache %}",
            '{% cache(60, "menu", user.id) %}x{% endcache %}',
        ),
        (
            "{% load i18n %}{% trans 'Hi' as greeting %}",
            '{% set greeting = translate("Hi") %}',
        ),
    ],
)
def test_a_tag_becomes(django: str, jinja: str | None) -> None:
    wanted = "{% for a, b in reversed(c) %}{% else %}-{% endfor %}" if jinja is None else jinja
    assert converted(django) == wanted


def test_every_line_stays_where_it_is() -> None:
    source = (
        "{% extends 'b' %}\n{% load i18n %}\n{% block a %}\n{% blocktrans %}one\ntwo"
        "{% endblocktrans %}\n{% comment %}\n\n{% endcomment %}{{ x }}\n{% endblock %}\n"
    )
    lines = converted(source).split("\n")
    assert len(lines) == source.count("\n") + 1
    assert lines[7] == "#}{{ x }}"


def test_text_that_jinja_would_read_is_still_text() -> None:
    source = "{ {{% if a %}{%}{%{{}{# no comment\n#}{%  \n %}\r\n{{ b }}{"
    assert rendered("{% verbatim %}" + source + "{% endverbatim %}") == source
    plain = "a {{ b\n }} {%\n%} {#\n#} {"
    assert rendered(plain) == plain


def test_a_converted_file_is_converted_from_nothing_else() -> None:
    """What `convert` writes is rendered by the environment with Jinja2's own loaders."""
    from jinja2 import DictLoader

    text = converted("{% for a in b %}{{ forloop.counter }}{{ a.c|upper }}{% endfor %}")
    given = environment()
    given.loader = DictLoader({"page.html": text})
    assert given.template("page.html").render({"b": [{"c": "x"}, {"c": "<"}]}) == "1X2&lt;"
