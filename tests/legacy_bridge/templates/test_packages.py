"""Tags of packages that sites use, each with a source of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.templates.faults import RenderingError, TemplateFaultsError
from legacy_bridge.templates.site import Bundle, NoImageError, NoReverseMatchError, Site
from tests.legacy_bridge.templates.engine import environment


@dataclass
class Item:
    title_resolved: str
    url: str = "/x/"
    description: str = "d"
    hint: str = "h"


ITEMS = [Item("One"), Item("<Two>")]


class Menus:
    def tree(self, alias: str, context: Any) -> Sequence[Item]:
        return ITEMS if alias == "main" else []

    def menu(self, alias: str, branches: str, context: Any) -> Sequence[Item]:
        return [Item(f"{alias}:{branches}:{context['x']}")]

    def children(self, item: Item, navigation: str, context: Any) -> Sequence[Item]:
        return [Item(f"{navigation} of {item.title_resolved}")]

    def breadcrumbs(self, alias: str, context: Any) -> Sequence[Item]:
        return ITEMS[:1]

    def url(self, item: Item, context: Any) -> str:
        return item.url

    def current(self, alias: str, context: Any) -> Item | None:
        return ITEMS[1] if alias == "main" else None


class Flags:
    def is_flag_active(self, name: str, context: Any) -> bool:
        return name == "on"

    def is_switch_active(self, name: str, context: Any) -> bool:
        return name == "on"

    def is_sample_active(self, name: str, context: Any) -> bool:
        return False


@dataclass
class Thumbnail:
    url: str
    width: int = 10
    height: int = 20


class NoImage:
    url = "/none"

    @property
    def size(self) -> int:
        raise NoImageError


class Thumbnails:
    def thumbnail(
        self, source: Any, geometry: str, options: Mapping[str, Any]
    ) -> Thumbnail | NoImage | None:
        if source == "none":
            return NoImage()
        return Thumbnail(f"/{source}-{geometry}-{options.get('format', '')}") if source else None


class Urls:
    def reverse(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], context: Any
    ) -> str:
        if name == "missing":
            raise NoReverseMatchError(name)
        return f"/{name}/{'/'.join(map(str, args))}?{kwargs}&"


class Widget:
    attrs: Mapping[str, Any] = {"class": "wide"}


class Inner:
    widget = Widget()
    required = True


class BoundField:
    field = Inner()
    errors: Sequence[str] = ("wrong",)
    label = "Name"

    def as_widget(self, attrs: Mapping[str, Any] | None = None) -> str:
        written = "".join(f' {name}="{value}"' for name, value in (attrs or {}).items())
        return f"<input{written}>"

    def __str__(self) -> str:
        return self.as_widget()


SITE = Site(
    urls=Urls(),
    static_url="https://cdn.example.org/s/",
    media_url="/m/",
    flags=Flags(),
    menus=Menus(),
    stylesheets={"style": Bundle(["a.css", "b.css"], "out.css", {"title": "default"})},
    scripts={"main": Bundle(["a.js"], "out.js")},
    honeypot=Honeypot("trap", "leave me"),
    thumbnails=Thumbnails(),
    imagekit=Thumbnails(),
    countries={"FR": "France"},
)
TEMPLATES = {
    "sitetree/tree.html": "{% for i in sitetree_items %}[{{ i.title_resolved }}]{% endfor %}",
    "sitetree/menu.html": "{% for i in sitetree_items %}({{ i.title_resolved }}){% endfor %}",
    "sitetree/breadcrumbs.html": "{{ sitetree_items|length }}{{ x }}",
    "honeypot/honeypot_field.html": "{{ fieldname }}={{ value }}",
}


@pytest.mark.parametrize(
    ("load", "source", "expected"),
    [
        ("sitetree", "{% sitetree_tree from 'main' %}", "[One][&lt;Two&gt;]"),
        ("sitetree", "{% sitetree_tree from 'x' template 'sitetree/menu.html' %}", ""),
        ("sitetree", "{% sitetree_menu from 'main' include 'trunk,a' %}", "(main:trunk,a:X)"),
        ("sitetree", "{% sitetree_breadcrumbs from 'main' %}", "1X"),
        (
            "sitetree",
            "{% sitetree_children of item for menu template 'sitetree/tree.html' %}",
            "[menu of One]",
        ),
        (
            "sitetree",
            "{% sitetree_url for item %}{% sitetree_url for item as u %}{{ u }}",
            "/x//x/",
        ),
        ("sitetree", "{% sitetree_page_title from 'main' %}", "&lt;Two&gt;"),
        (
            "waffle_tags",
            "{% flag 'on' %}1{% else %}2{% endflag %}{% flag off %}3{% endflag %}",
            "1",
        ),
        ("waffle_tags", "{% switch on %}1{% endswitch %}{% sample 'on' %}2{% endsample %}", "1"),
        (
            "pipeline",
            "{% stylesheet 'style' %}{% stylesheet 'none' %}",
            (
                '<link href="https://cdn.example.org/s/out.css" rel="stylesheet" type="text/css"'
                ' media="all" title="default" />'
            ),
        ),
        (
            "pipeline",
            "{% javascript 'main' %}",
            (
                '<script type="text/javascript" src="https://cdn.example.org/s/out.js"'
                ' charset="utf-8"></script>'
            ),
        ),
        ("honeypot", "{% render_honeypot_field %}", "trap=leave me"),
        ("honeypot", "{% render_honeypot_field 'other' %}", "other=leave me"),
        (
            "thumbnail",
            "{% thumbnail i '1x1' format='PNG' as t %}{{ t.url }}{% empty %}no{% endthumbnail %}",
            "/i-1x1-PNG",
        ),
        ("thumbnail", "{% thumbnail x.y '1x1' as t %}a{% empty %}no{% endthumbnail %}", "no"),
        ("thumbnail", "{% thumbnail i '1x1' options=x %}", "/i-1x1-"),
        (
            "thumbnail",
            "{% thumbnail i '1x1' options=more crop='top' as t %}{{ t.url }}{% endthumbnail %}",
            "/i-1x1-GIF",
        ),
        ("thumbnail", "{% thumbnail 'none' '1x1' as t %}a{{ t.url }}{% endthumbnail %}", "a/none"),
        (
            "thumbnail",
            "{% thumbnail 'none' '1x1' as t %}a{{ t.size }}{% empty %}no{% endthumbnail %}{{ t }}",
            "no",
        ),
        ("thumbnail", "{% thumbnail 'none' '1x1' as t %}a{{ t.size }}{% endthumbnail %}", ""),
        ("imagekit", "{% thumbnail '2x2' i as t %}{{ t.width }}", "10"),
        (
            "imagekit",
            "{% thumbnail '2x2' i -- alt='<' %}",
            '<img src="/i-2x2-" width="10" height="20" alt="<" />',
        ),
        ("widget_tweaks", "{% render_field field %}", "<input>"),
        (
            "widget_tweaks",
            "{% render_field field class+='x' placeholder=text data-a='b' %}",
            '<input class="wide x" data-a="b" placeholder="T">',
        ),
        (
            "widget_tweaks",
            "{{ field|attr:'a:1'|add_class:'b'|add_error_class:'c' }}",
            '<input class="wide c b" a="1">',
        ),
        ("widget_tweaks", "{{ field|add_class:'b' }}", '<input class="wide b">'),
        ("widget_tweaks", "{{ field|widget_type }}{{ field|field_type }}", "widgetinner"),
        ("widget_tweaks", "{% with f=field|attr:'a:1' %}{{ f.label }}{% endwith %}", "Name"),
        ("countries", "{% get_country 'FR' as c %}{{ c.name }} {{ c }}", "France FR"),
        (
            "highlight",
            "{% highlight found with 'big -small cat' max_length 12 html_tag 'em' %}",
            '...<em class="highlighted">big</em> <em class="highlighted">CAT</em> sat ...',
        ),
        (
            "static",
            "{% static 'a b.css' %}{% get_media_prefix %}",
            "https://cdn.example.org/s/a%20b.css/m/",
        ),
        (
            "humanize",
            "{{ 1234567|intcomma }} {{ 1200000|intword }} {{ 2|apnumber }}",
            "1,234,567 1.2 million two",
        ),
        ("humanize", "{{ 1|ordinal }} {{ 12|ordinal }} {{ 103|ordinal }}", "1st 12th 103rd"),
        ("humanize", "{{ before|naturaltime }} {{ now|naturalday }}", "2\u00a0hours ago today"),
        ("static", "{% url 'a' 1 %}|{% url 'a' k=2 %}", "/a/1?{}&amp;|/a/?{&#x27;k&#x27;: 2}&amp;"),
        (
            "static",
            "{% url 'missing' as u %}[{{ u }}]{% url 'a' as u %}{{ u|safe }}",
            "[]/a/?{}&",
        ),
    ],
)
def test_a_package(load: str, source: str, expected: str) -> None:
    now = datetime.now(UTC)
    names = {
        "x": "X",
        "item": ITEMS[0],
        "i": "i",
        "more": {"format": "GIF"},
        "field": BoundField(),
        "text": "T",
        "found": "<p>there was a big CAT sat on it all</p>",
        "before": now - timedelta(hours=2, seconds=5),
        "now": now,
    }
    given = environment(TEMPLATES, site=SITE)
    assert given.from_django(f"{{% load {load} %}}{source}").render(names) == expected


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("{% load sitetree %}{% sitetree_tree from 'main' %}", "menus"),
        ("{% load waffle_tags %}{% flag 'a' %}{% endflag %}", "flags"),
        ("{% load thumbnail %}{% thumbnail a '1' %}", "thumbnails"),
    ],
)
def test_a_source_that_is_not_there_is_named(source: str, field: str) -> None:
    with pytest.raises(RenderingError, match=f"set `{field}` of the Site"):
        environment(TEMPLATES).from_django(source).render()


def test_a_slot_belongs_to_an_element() -> None:
    with pytest.raises(RenderingError, match="within an element"):
        environment().from_django("{% load allauth %}{% slot a %}{% endslot %}").render()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% element %}{% endelement %}", "'element' takes one name and attributes"),
        ("{% element a b %}{% endelement %}", "'element' takes one name and attributes"),
        ("{% setvar %}{% endsetvar %}", "'setvar' takes one name"),
    ],
)
def test_tags_of_allauth_that_are_written_wrong(source: str, fault: str) -> None:
    with pytest.raises(TemplateFaultsError, match=fault):
        environment().from_django("{% load allauth %}" + source)


def test_parts_of_pages_are_kept() -> None:
    given = environment()
    page = given.from_django("{% load cache %}{% cache 60 part user %}{{ x }}{% endcache %}")
    texts = [page.render({"x": x, "user": user}) for x, user in ((1, "a"), (2, "a"), (3, "b"))]
    assert texts == ["1", "1", "3"]
