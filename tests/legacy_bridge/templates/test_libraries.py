"""A site's own tags and filters, declared as Django's are."""

from collections.abc import Mapping
from typing import Any

import pytest

from legacy_bridge.templates.convert.calls import call, printed
from legacy_bridge.templates.faults import TemplateFaultsError
from legacy_bridge.templates.library import Library
from legacy_bridge.templates.safe import SafeString
from tests.legacy_bridge.templates.engine import environment

site = Library("site")
other = Library("other")


@site.simple_tag
def join(first: str, *rest: str, between: str = "-") -> str:
    return between.join([first, *rest])


@site.simple_tag(takes_context=True, name="tell")
def tell_name(context: Any, name: str) -> str:
    context["told"] = name
    return f"<{context['who']}>"


@site.inclusion_tag("part.html", takes_context=True)
def part(context: Any, label: str = "none") -> Mapping[str, Any]:
    return {"label": label, "who": context["who"]}


@site.simple_block_tag
def panel(content: str, title: str) -> str:
    return SafeString(f"<div title='{title}'>{content}</div>")


@site.filter(is_safe=True)
def twice(value: str) -> str:
    return value + value


@site.filter("mark", needs_autoescape=True)
def mark(value: str, autoescape: bool = True) -> str:
    return f"{value}{autoescape}"


@other.simple_tag(name="include_only")
def own_include(name: str) -> str:
    return f"own {name}"


@other.simple_block_tag(name="my-panel", end_name="end")
def my_panel(content: str) -> str:
    return f"[{content}]"


@other.filter("twice")
def other_twice(value: str) -> str:
    return f"2{value}"


@other.tag("strange")
def _strange(converter: Any, tag: Any) -> str:
    return printed(call("strange", [f'"{tag.content}"']))


@other.function("strange", is_final=True)
def strange(content: str) -> str:
    return content.upper()


PARTS = {"part.html": "{{ label }} of {{ who }}{{ hidden }}"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% load site %}{% join 'a' b 'c' %}", "a-&lt;-c"),
        ("{% load site %}{% join 'a' b between='+' as x %}[{{ x }}]", "[a+&lt;]"),
        ("{% load site %}{% tell 'x' %}{{ told }}", "&lt;me&gt;x"),
        ("{% load site %}{% part %}|{% part label=b %}", "none of me|&lt; of me"),
        ("{% load site %}{% panel 'T' %}{{ b }}{% endpanel %}", "<div title='T'>&lt;</div>"),
        ("{% load site %}{% panel 'T' as p %}x{% endpanel %}[{{ p }}]", "[<div title='T'>x</div>]"),
        ("{% load site %}{{ b|twice }}{{ '<'|twice }}", "&lt;&lt;<<"),
        (
            "{% load site %}{{ 'x'|mark }}{% autoescape off %}{{ 'x'|mark }}{% endautoescape %}",
            "xTruexFalse",
        ),
        ("{% load twice from other %}{{ 'x'|twice }}", "2x"),
        ("{% load site other %}{{ 'x'|twice }}{% load site %}{{ 'x'|twice }}", "2xxx"),
        ("{% load other %}{% strange a b %}", "STRANGE A B"),
        ("{% load other %}{% include_only 'x' %}", "own x"),
        ("{% load other %}{% my-panel %}x{% end %}", "[x]"),
    ],
)
def test_a_library_is_used(source: str, expected: str) -> None:
    given = environment(PARTS, site, other)
    names = {"b": "<", "who": "me", "hidden": "no"}
    assert given.from_django(source).render(names) == expected


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        ("{% join %}", "'join' did not receive value(s) for the argument(s): 'first'"),
        ("{% join 'a' x=1 %}", "'join' received unexpected keyword argument 'x'"),
        ("{% panel 'a' 'b' %}{% endpanel %}", "'panel' received too many positional arguments"),
        (
            "{% tell name='a' name='b' %}",
            "'tell' received multiple values for keyword argument 'name'",
        ),
        ("{% part 'x' as y %}", "'part' received too many positional arguments"),
        ("{{ 'x'|twice:1 }}", "twice requires 1 arguments, 2 provided"),
    ],
)
def test_arguments_are_checked_while_converting(tag: str, problem: str) -> None:
    given = environment(PARTS, site)
    with pytest.raises(TemplateFaultsError) as caught:
        given.from_django("{% load site %}" + tag)
    assert [fault.problem for fault in caught.value.faults] == [problem]
