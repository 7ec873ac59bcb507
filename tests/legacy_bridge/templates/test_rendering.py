"""Django's semantics, one statement a line. Broader: `test_against_django.py`."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from jinja2 import TemplateNotFound
from markupsafe import Markup

from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.rendering.locale import Locale
from legacy_bridge.templates.safe import SafeString
from tests.legacy_bridge.templates.engine import environment, rendered


class Row:
    name = "n"

    def __str__(self) -> str:
        return "<row>"

    def method(self) -> str:
        return "called"

    def needs(self, argument: object) -> str:
        return "never"

    def delete(self) -> str:
        return "deleted"

    delete.alters_data = True  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("source", "names", "expected"),
    [
        ("{{ a.b.c }}", {"a": {"b": {"c": 1}}}, "1"),
        ("{{ a.items }}", {"a": {"items": "key"}}, "key"),
        ("{{ a.1.x }}", {"a": [0, {"x": "y"}]}, "y"),
        ("{{ a.method }}|{{ a.needs }}|{{ a.delete }}", {"a": Row()}, "called||"),
        ("[{{ a }}{{ a.b.c }}]", {}, "[]"),
        ("{{ a }}{{ b }}", {"a": "<>\"'&", "b": SafeString("<b>")}, "&lt;&gt;&quot;&#x27;&amp;<b>"),
        ("{{ a }}{{ a|lower }}", {"a": Markup("<B>")}, "<B><b>"),
        ("{{ a|safe }}{{ a|escape|safe }}", {"a": "<"}, "<&lt;"),
        ('{{ "<b>" }}{{ a|add:"<b>" }}', {"a": "<"}, "<b>&lt;&lt;b&gt;"),
        ("{{ a }}", {"a": Row()}, "&lt;row&gt;"),
        ("{% if a.b == None %}t{% endif %}", {}, "t"),
        ("{% if a > 1 %}t{% else %}f{% endif %}", {"a": "x"}, "f"),
        ("{% if not a > 1 %}t{% else %}f{% endif %}", {"a": "x"}, "t"),
        ("{% if a is not b|add %}", {}, None),
        ("{% for x in a %}{{ x }}{% empty %}none{% endfor %}", {"a": None}, "none"),
        (
            "{% for k, v in a.items %}{{ k }}={{ v }};{% endfor %}",
            {"a": {"x": 1, "y": 2}},
            "x=1;y=2;",
        ),
        (
            (
                "{% for x in a %}{% for y in x %}{{ forloop.parentloop.counter }}"
                "{{ forloop.last }}{% endfor %}{% endfor %}"
            ),
            {"a": ["ab", "c"]},
            "1False1True2True",
        ),
        (
            "{% for x in a reversed %}{{ forloop.revcounter }}{{ x }}{% endfor %}",
            {"a": "ab"},
            "2b1a",
        ),
        (
            "{% for x in a %}{% ifchanged %}{{ x }}{% endifchanged %}{% endfor %}",
            {"a": "aab"},
            "ab",
        ),
        ("{% for x in a %}{% cycle 'o' 'e' %}{% endfor %}", {"a": "abc"}, "oeo"),
        (
            "{% regroup a by k as g %}{% for x in g %}{{ x.grouper }}{{ x.list.1.k }},{% endfor %}",
            {"a": [{"k": 1}, {"k": 1}, {"k": 2}]},
            "11,2,",
        ),
        ("{% with a=1 %}{{ a }}{% endwith %}{{ a }}", {"a": 0}, "10"),
        ("{% firstof a b '<' %}{% firstof a b c as d %}{{ d }}", {"c": ">"}, "<&gt;"),
        ("{% widthratio a 10 50 %}", {"a": 3}, "15"),
        ("{% spaceless %} <a> \n <b> x {% endspaceless %}", {}, "<a><b> x"),
        ("{{ a|date }}|{{ a|date:'D jS' }}", {"a": date(2026, 1, 2)}, "Jan. 2, 2026|Fri 2nd"),
        ("{{ a }}", {"a": datetime(2026, 1, 2, 3, 4, tzinfo=UTC)}, "Jan. 2, 2026, 3:04 a.m."),
        ("{{ a }} {{ b }} {{ c }}", {"a": 1234567, "b": 1.5, "c": True}, "1234567 1.5 True"),
        ("{% csrf_token %}", {"csrf_token": "t"}, None),
        ("{{ a|yesno:'y' }}", {"a": True}, "True"),
    ],
)
def test_a_template_prints(source: str, names: dict[str, Any], expected: str | None) -> None:
    if source.startswith("{% csrf"):
        expected = '<input type="hidden" name="csrfmiddlewaretoken" value="t">'
    if expected is None:
        with pytest.raises(Exception, match="add requires 2 arguments, 1 provided"):
            rendered(source, names)
        return
    assert rendered(source, names) == expected


TREE = {
    "base.html": "<{% block a %}base{% endblock %}|{% block b %}{{ x }}{% endblock %}>",
    "middle.html": "{% extends 'base.html' %}{% block a %}middle {{ block.super }}{% endblock %}",
    "page.html": "{% extends parent %}{% block a %}page {{ block.super }}{% endblock %}ignored",
    "dir/one.html": "{% extends './two.html' %}{% block a %}1{% endblock %}",
    "dir/two.html": "{% extends '../base.html' %}",
    "loop.html": "{% for x in rows %}{% include 'row.html' with y=x %}{% endfor %}[{{ y }}]",
    "row.html": "{{ forloop.counter }}{{ y }}{{ z }};",
    "only.html": "{% with z=1 %}{% include 'row.html' with y=2 only %}{% endwith %}",
    "first.html": "{% include names %}",
}


def test_templates_extend_and_include_each_other() -> None:
    given = environment(TREE)
    assert given.template("page.html").render({"parent": "middle.html", "x": "<"}) == (
        "<page middle base|&lt;>"
    )
    assert given.template("dir/one.html").render({"x": 1}) == "<1|1>"
    assert given.template("loop.html").render({"rows": "ab", "z": "!"}) == "1a!;2b!;[]"
    assert given.template("only.html").render({}) == "2;"
    assert given.template("first.html").render({"names": ["none.html", "row.html"], "y": 1}) == "1;"
    inner = given.template("row.html")
    assert given.template("first.html").render({"names": inner, "y": 3}) == "3;"


def test_a_part_of_a_template_has_a_name_of_its_own() -> None:
    given = environment(
        {
            "page.html": (
                "<{% partialdef row inline %}{{ x }}{% endpartialdef row %}|{% partial row %}>"
                "{% partialdef hidden %}{{ y }}{% endpartialdef %}"
            ),
            "other.html": "{% include 'page.html#hidden' with y=3 %}",
        }
    )
    assert given.template("page.html").render({"x": "&"}) == "<&amp;|&amp;>"
    assert given.template("page.html#row").render({"x": 1}) == "1"
    assert given.template("other.html").render() == "3"
    with pytest.raises(TemplateNotFound, match=r"page\.html#none"):
        given.template("page.html#none")
    with pytest.raises(RenderingError, match="Partial 'none' is not defined"):
        given.from_django("{% partial none %}").render()


def test_what_is_not_there_can_be_shown() -> None:
    shown = rendered(
        "{{ a.b }} {{ a|upper }} {% if a %}t{% endif %}{% for x in a %}{% endfor %}",
        string_if_invalid="(%s)",
    )
    assert shown == "(a.b) (a) "


def test_numbers_and_times_are_written_in_the_language() -> None:
    german = Locale(
        language_code="de",
        time_zone="Europe/Berlin",
        use_thousand_separator=True,
        formats={
            "de": {
                "DECIMAL_SEPARATOR": ",",
                "THOUSAND_SEPARATOR": ".",
                "NUMBER_GROUPING": 3,
                "DATETIME_FORMAT": "j. F Y H:i",
            }
        },
    )
    names = {"a": 1234567.25, "b": datetime(2026, 7, 1, 22, 30, tzinfo=UTC)}
    source = (
        "{% load l10n tz %}{{ a }} {{ a|floatformat:1 }} {{ b }} {{ a|unlocalize }} "
        "{% localize off %}{{ a }}{% endlocalize %} {% localtime off %}{{ b }}{% endlocaltime %} "
        "{% timezone 'Asia/Tokyo' %}{{ b|time:'H:i' }}{% endtimezone %} {{ b|utc|date:'H:i e' }}"
    )
    assert rendered(source, names, locale=german) == (
        "1.234.567,25 1.234.567,3 2. July 2026 00:30 1234567.25 1234567.25 1. July 2026 22:30 "
        "07:30 22:30 UTC"
    )


def test_an_error_names_template_and_line() -> None:
    given = environment(
        {"a.html": "\n{% include 'b.html' %}", "b.html": "x\n\n{{ a|divisibleby:0 }}"}
    )
    with pytest.raises(ZeroDivisionError) as caught:
        given.template("a.html").render({"a": 1})
    assert caught.value.__notes__ == ["In template b.html, line 3"]
    last = caught.traceback[-2]
    assert (str(last.path), last.lineno) == ("b.html", 2)
