"""The site's own tag libraries, as behaviour/*.md describes them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import DictLoader

from legacy_bridge.templates.environment import TemplateEnvironment
from legacy_bridge.templates.faults import RenderingError
from legacy_bridge.templates.libraries import DJANGO
from legacy_bridge.templates.loader import DjangoLoader
from ported_domains.templatetags import LIBRARIES
from ported_domains.templatetags.content import CONTENT

TEMPLATES = {
    "banners/banner.html": "{{ title }}: {{ message }} {{ link }}",
    "cms/iso_time_tag.html": "{{ timestamp }} {{ year }}-{{ month }}-{{ day }}",
    "community/types/default.html": "default {{ object.name }}",
    "community/types/text.html": "text {{ object.name }}",
    "sponsors/partials/sponsors-list.html": "{{ logo_place }} {{ sponsorships|length }}",
}
BANNER = SimpleNamespace(title="T", message="<b>", link="/x/")


class Shown:
    """Content with one of everything."""

    def box(self, label: str) -> str | None:
        return "<p>box</p>" if label == "known" else None

    def active_banner(self, psf_pages_only: bool) -> Any:
        return None if psf_pages_only else BANNER

    def blog_entries(self, feed: str | None, limit: int) -> list[str]:
        return [f"{feed} {number}" for number in range(limit)]

    def sponsors(self, logo_place: str, publisher: str) -> dict[str, Any]:
        return {"logo_place": f"{publisher} {logo_place}", "sponsorships": [1, 2]}


@pytest.fixture
def shown() -> Iterator[None]:
    token = CONTENT.set(Shown())  # type: ignore[arg-type]  # what these templates ask for
    yield
    CONTENT.reset(token)


def _render(source: str, **names: Any) -> str:
    environment = TemplateEnvironment(
        DjangoLoader((), DictLoader(TEMPLATES)), libraries=[*DJANGO, *LIBRARIES]
    )
    return environment.from_django(source).render(names)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% load boxes %}[{% box 'known' %}{% box 'unknown' %}]", "[<p>box</p>]"),
        ("{% load banners %}{% render_active_banner %}", "T: &lt;b&gt; /x/"),
        ("{% load banners %}{% render_active_psf_banner %}", ""),
        ("{% load blogs %}{% feed_list 'psf' limit=2 as e %}{{ e|join:',' }}", "psf 0,psf 1"),
        ("{% load sponsors %}{% list_sponsors 'jobs' %}", "psf jobs 2"),
    ],
)
def test_content_is_shown(source: str, expected: str) -> None:
    assert _render(source) == expected


def test_without_content_a_tag_says_what_is_missing() -> None:
    with pytest.raises(RenderingError, match="set CONTENT"):
        _render("{% load boxes %}{% box 'known' %}")


def test_a_time_is_written_for_machines() -> None:
    source = "{% load cms %}{% iso_time_tag when %}"
    moment = datetime(2014, 1, 1, 12, tzinfo=UTC)
    assert _render(source, when=moment) == "2014-01-01T12:00:00+00:00 2014-01-01"
    assert _render(source, when=date(2014, 1, 2)) == "2014-01-02 2014-01-02"


def test_a_post_has_the_template_of_its_type() -> None:
    source = "{% load community %}{% render_template_for post as html %}{{ html }}"
    for kind, expected in (("text", "text p"), ("link", "default p")):
        post = SimpleNamespace(name="p", get_media_type_display=lambda kind=kind: kind)
        assert _render(source, post=post) == expected


def test_an_address_is_obscured() -> None:
    source = "{% load companies %}{{ address|render_email }}"
    assert _render(source, address="a.b@c.d<") == (
        "a<span>.</span>b<span>@</span>c<span>.</span>d&lt;"
    )


@pytest.mark.parametrize(
    ("city", "region", "country", "expected"),
    [
        ("Lawrence", "KS", "US", "Lawrence, KS US"),
        ("", "KS", "USA", "KS USA"),
        ("Paris", "", "France", "Paris, France"),
        ("", "", "France", "France"),
        ("", "", "", ""),
    ],
)
def test_where_a_user_lives(city: str, region: str, country: str, expected: str) -> None:
    membership = SimpleNamespace(city=city, region=region, country=country)
    source = "{% load users_tags %}{{ u|user_location }}"
    assert _render(source, u=SimpleNamespace(membership=membership)) == expected
    assert _render(source, u=SimpleNamespace()) == ""


def test_downloads_are_sorted_and_wrapped() -> None:
    names = [
        "Windows zzz",
        "Windows help file",
        "Source",
        "Windows installer (32-bit)",
        "macOS",
        "Windows installer (64-bit)",
    ]
    files = [SimpleNamespace(name=name, md5_sum="") for name in names]
    source = (
        "{% load download_tags %}{% for f in files|sort_windows %}{{ f.name }};{% endfor %}"
        "{{ files|has_md5 }} {{ '3.14.1'|strip_minor_version }}"
    )
    assert _render(source, files=files) == (
        "Source;macOS;Windows installer (64-bit);Windows installer (32-bit);Windows help file;"
        "Windows zzz;False 3.14"
    )
    wrapped = _render("{% load download_tags %}{{ sum|wbr_wrap }}", sum="0123456789abcdef" * 3)
    chunk = "0123456789abcdef"
    assert wrapped == (
        f'<span class="checksum-half">{chunk}</span><wbr>'
        f'<span class="checksum-half">{chunk}<wbr>{chunk}</span>'
    )


def test_sponsors_texts_are_escaped_for_markdown() -> None:
    source = "{% load sponsors %}{{ text|escape_markdown }} {{ image|ideal_size:'150' }}"
    image = SimpleNamespace(width=300, height=100)
    assert _render(source, text="a*b <c>", image=image) == r"a\*b \<c\> 212"
