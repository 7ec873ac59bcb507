"""What stands around every page, whatever directory its template is from: names, menus, flags, and
what all that means for whoever keeps the page."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from ported_domains.chrome.clock import step_of
from ported_domains.look import look_of
from ported_domains.shared.caching.cache import AnswerCache
from ported_domains.shared.caching.kept import Key
from proxy.databases import open_engine
from proxy.embedded.stack import EmbeddedStack
from tests.ported_domains.golden import signed_in
from tests.ported_domains.users.accounts.agreed import contracts_of
from tests.ported_domains.wire import HOST, NativeSite, Reply, ask, native_site

TEMPLATES = {
    "marks.html": "{% for item in sitetree_items %}{{ item.title_resolved }}"
    "{% if item.is_current %}*{% endif %}{% if item.in_current_branch %}+{% endif %},{% endfor %}",
    "python/inner.html": "{{ URL_NAMESPACE }}|{{ URL_NAME }}|{{ SITE_INFO.site_name }}|"
    "{{ STATIC_URL }}{{ MEDIA_URL }}|{{ LANGUAGE_CODE }}|{{ GET_HOST_WITH_SCHEME }}|{{ BLOG_URL }}|"
    "{{ request.get_full_path }}|{{ request.GET.q }}",
    "404.html": "{{ URL_NAMESPACE }}|{{ URL_NAME }}|{{ legacy_path }}|{{ pypi_path }}",
    "includes/authenticated.html": "{% if user.is_authenticated %}{{ user.username }}:"
    "{% for name, section in USER_NAV_BAR.items %}{{ name }}={{ section.url }}"
    "{% for link in section.urls %}{{ link.url }},{% endfor %};{% endfor %}{% endif %}",
    "python/about.html": "{% load sitetree %}{% sitetree_menu from 'main' include 'trunk' template"
    " 'marks.html' %}|{% sitetree_menu from 'main' include 'python-meta' template 'marks.html' %}",
    "docs/index.html": "{% load waffle_tags %}{% flag psf_membership %}member{% endflag %}"
    "{% flag always %}always{% endflag %}{% switch moved %}moved{% else %}still{% endswitch %}",
    "pypl/index.html": "{% csrf_token %}",
    "shop/index.html": "{% load pipeline static %}{% stylesheet 'style' %}{% javascript 'main' %}"
    "{% static 'a b.css' %}{% stylesheet 'none' %}",
    "500.html": "{% load sitetree boxes %}{% sitetree_menu from 'main' include 'trunk' template"
    " 'marks.html' %}[{{ SITE_INFO.site_name }}{{ STATIC_URL }}{{ user }}]{% box 'known' %}",
    "python/shell.html": "{% url 'nowhere' %}",
    "pages/default.html": "{{ page.title }}",
    "pages/dated.html": "{% load humanize %}{% now 'Y' %}{% if page.keywords %}"
    "{{ page.created|timesince }}{% endif %}{% if page.description %}{% now 'c' %}{% endif %}",
    "psf/index.html": "{% load boxes %}{% box 'known' %}{% if user.is_authenticated %}!{% endif %}",
}
NOW = 1000.0
"""By the cache's clock, which stands still."""
HASHED = {"paths": {"stylesheets/style.css": "stylesheets/style.1a2b.css"}, "version": "1.1"}
ROWS = """
INSERT INTO menus (id, title, alias) VALUES (1, 'Python.org', 'main');
INSERT INTO menu_items (id, tree_id, parent_id, title, hint, url, urlaspattern, hidden, alias,
    description, inmenu, inbreadcrumbs, insitetree, access_loggedin, access_guest,
    access_restricted, access_perm_type, sort_order)
SELECT id, 1, parent, title, '', url, as_pattern, false, alias, '', true, true, true, false, false,
    false, 1, id
FROM (VALUES (1, NULL::int, 'Python', 'home', true, 'python-meta'),
             (2, NULL, 'Jobs', 'jobs:job_list', true, 'jobs-meta'),
             (3, 1, 'About', 'about', true, 'about'),
             (4, 1, 'News', 'nowhere', true, NULL)) AS row (id, parent, title, url,
      as_pattern, alias);
INSERT INTO feature_flags (id, name, everyone, percent, testing, superusers, staff, authenticated,
    languages, rollout, note, created, modified)
VALUES (1, 'psf_membership', NULL, NULL, true, true, false, false, '', false, '', now(), now()),
       (2, 'always', true, NULL, false, true, false, false, '', false, '', now(), now());
INSERT INTO boxes (id, label, content, content_markup_type, content_rendered, created, updated)
VALUES (1, 'known', 'Seen', 'html', '<p>Seen</p>', now(), now());
INSERT INTO sites (id, domain, name) VALUES (1, 'www.example.org', 'example');
INSERT INTO redirects (id, site_id, old_path, new_path)
VALUES (1, 1, '/old/?x=1', 'https://example.org/caf\u00e9'), (2, 1, '/gone/', ''),
       (3, 1, '/cms/', '/moved/'), (4, 1, '/downloads/none/', '/downloads/'),
       (5, 1, '/about/', '/never/'), (6, 1, '/slashless/', '/with-slash/');
INSERT INTO pages (id, title, keywords, description, path, content, content_markup_type,
    content_rendered, is_published, content_type, template_name, created, updated)
VALUES (1, 'From the CMS', '', '', 'known/page', 'text', 'html', 'text', true, 'text/html', '',
        now(), now()),
       (2, 'Years', '', '', 'dated/year', 'text', 'html', 'text', true, 'text/html',
        'pages/dated.html', now(), now()),
       (3, 'Minutes', 'some', '', 'dated/minute', 'text', 'html', 'text', true, 'text/html',
        'pages/dated.html', now(), now()),
       (4, 'Seconds', '', 'some', 'dated/second', 'text', 'html', 'text', true, 'text/html',
        'pages/dated.html', now(), now());
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A site with a cache that trusts what it is told by hand, however long ago that was."""

    native: NativeSite
    cache: AnswerCache
    staff: str
    counts: Counter[str]

    async def get(self, target: str, **headers: str) -> Reply:
        return await ask(self.native.url, "GET", target, **headers)

    async def text(self, target: str, **headers: str) -> str:
        return (await self.get(target, **headers)).body.decode()


@pytest.fixture(scope="module")
def chrome_url(stack: EmbeddedStack, native_template: str) -> str:
    url = stack.create_database("chrome", template=native_template)
    with psycopg.connect(url) as connection:
        connection.execute(ROWS)
    return url


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(
    chrome_url: str, legacy_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Asked]:
    folder = tmp_path_factory.mktemp("site")
    for name, source in TEMPLATES.items():
        path = folder / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    (folder / "staticfiles.json").write_text(json.dumps(HASHED))
    counts: Counter[str] = Counter()

    def counted(what: str, times: int) -> None:
        counts[what] += times

    cache = AnswerCache(1 << 20, counted, lambda: NOW)
    look = look_of(None, [folder / "templates"], static_root=folder)
    [staff] = signed_in(legacy_database_url, ["admin1"])
    engine = open_engine(legacy_database_url, pool_size=2, name="chrome")
    contracts = contracts_of(engine)
    options: dict[str, Any] = {"contracts": contracts, "cache": cache, "look": look}
    async with native_site(chrome_url, legacy_database_url, **options) as native:
        yield Asked(native, cache, staff, counts)
    contracts.passwords.close()
    await engine.dispose()


async def test_names_of_every_page(asked: Asked) -> None:
    assert await asked.text("/inner/?q=1%3C") == (
        "|inner|Python.org|/static//media/|en-us|http://www.example.org|https://blog.python.org|"
        "/inner/?q=1%3C|1&lt;"
    )


async def test_a_path_that_means_nothing(asked: Asked) -> None:
    reply = await asked.get("/no/where%25/")
    assert (reply.status, reply.headers["cache-control"]) == (404, "max-age=300")
    assert reply.body.decode() == (
        "None|None|http://legacy.python.org/no/where%/|https://pypi.example.org/"
    )
    assert (await asked.get("/administrator/")).headers["cache-control"] == "private"


async def test_a_signed_in_visitor_has_a_menu(asked: Asked) -> None:
    assert await asked.text("/authenticated") == ""
    assert await asked.text("/authenticated", Cookie=asked.staff) == (
        "admin1:account=/users/admin1/,/users/edit/,/accounts/password/change/,;"
        "psf_membership=/users/nominations/,/users/membership/,;sponsorships=None;"
    )


async def test_menus_know_the_page(asked: Asked) -> None:
    """By what the page's own path is; what nobody knows leads nowhere."""
    assert await asked.text("/about/") == "Python+,Jobs,|About*+,News,"


async def test_flags_are_tried_by_cookie(asked: Asked) -> None:
    assert await asked.text("/docs-landing/") == "alwaysstill"
    assert await asked.text("/docs-landing/", Cookie=asked.staff) == "memberalwaysstill"
    tried = await asked.get("/docs-landing/?dwft_psf_membership=1")
    assert tried.body == b"memberalwaysstill"
    assert tried.headers["set-cookie"] == "dwft_psf_membership=True; Path=/"
    assert await asked.text("/docs-landing/", Cookie="dwft_psf_membership=True") == (
        "memberalwaysstill"
    )


async def test_files_have_the_names_that_the_storage_gave_them(asked: Asked) -> None:
    assert await asked.text("/shop-landing/") == (
        '<link href="/static/stylesheets/style.1a2b.css" rel="stylesheet" type="text/css"'
        ' media="all" title="default" />'
        '<script type="text/javascript" src="/static/js/main-min.js" charset="utf-8"></script>'
        "/static/a%20b.css"
    )


@pytest.mark.parametrize(
    ("target", "table", "kept"),
    [
        ("/about/", "menu_items", True),
        ("/about/", "boxes", True),
        ("/psf-landing/", "boxes", True),
        ("/inner/", "boxes", True),
        ("/docs-landing/", None, False),
        ("/pypl-landing/", None, False),
    ],
)
async def test_what_a_page_shows_of_others_ends_it(
    asked: Asked, target: str, table: str | None, kept: bool
) -> None:
    """Flags that are not the same for all, and tokens, make a page one visitor's."""
    asked.cache.changed(None)
    asked.cache.pulse()
    asked.counts.clear()
    await asked.get(target)
    assert (asked.counts["kept"], asked.counts["unfit"]) == ((1, 0) if kept else (0, 1))
    if table is not None:
        await asked.get(target)
        assert asked.counts["hit"] == 1
        asked.cache.changed({"jobs"})
        await asked.get(target)
        assert asked.counts["hit"] == 2
        asked.cache.changed({table})
        await asked.get(target)
        assert asked.counts["hit"] == 2


async def test_visitors_who_may_be_known_are_not_answered_from_the_cache(asked: Asked) -> None:
    asked.cache.changed(None)
    asked.cache.pulse()
    asked.counts.clear()
    assert await asked.text("/psf-landing/") == "<p>Seen</p>"
    assert await asked.text("/psf-landing/", Cookie=asked.staff) == "<p>Seen</p>!"
    assert await asked.text("/psf-landing/", Cookie="messages=x") == "<p>Seen</p>"
    assert (asked.counts["miss"], asked.counts["hit"]) == (1, 0)
    assert await asked.text("/psf-landing/", Cookie="_ga=x") == "<p>Seen</p>"
    assert (asked.counts["miss"], asked.counts["hit"]) == (1, 1)


@pytest.mark.parametrize(
    ("target", "status", "location"),
    [
        ("/old/?x=1", 301, "https://example.org/caf%C3%A9"),
        ("/old/", 404, None),
        ("/old/?x=1&y=2", 404, None),
        ("/gone/", 410, None),
        ("/cms/", 301, "/moved/"),
        ("/downloads/none/", 301, "/downloads/"),
        ("/about", 301, "/never/"),
        ("/about/", 200, None),
        ("/slashless", 301, "/with-slash/"),
        ("/slashless?x=1", 404, None),
        ("/known/page/", 200, None),
        ("/known/page", 301, "http://www.example.org/known/page/"),
        ("/api/v2/downloads/none/", 404, None),
    ],
)
async def test_what_a_path_means_that_no_page_has(
    asked: Asked, target: str, status: int, location: str | None
) -> None:
    reply = await asked.get(target)
    assert (reply.status, reply.headers.get("location")) == (status, location)
    assert (reply.body == b"") is (status in (301, 410))


async def test_the_side_with_the_last_word_is_asked(asked: Asked) -> None:
    """Natively nothing is said of a path that the other side may know; nor is it kept."""
    native = asked.native
    said = {}
    for who in ("legacy", "native", None, "legacy"):
        native.last_word = who
        native.missed.clear()
        replies = [(await asked.get(path)).status for path in ("/known/page/", "/nope/")]
        said[who] = (replies, [*native.missed])
    native.last_word = None
    assert said == {
        "legacy": ([404, 404], ["/known/page/", "/nope/"]),
        "native": ([200, 404], []),
        None: ([200, 404], ["/nope/"]),
    }


async def test_pages_of_the_cms_are_kept_until_they_change(asked: Asked) -> None:
    asked.cache.changed(None)
    asked.cache.pulse()
    asked.counts.clear()
    for _ in range(2):
        assert await asked.text("/known/page/") == "From the CMS"
    assert (asked.counts["kept"], asked.counts["hit"]) == (1, 1)
    asked.cache.changed({"redirects"})
    await asked.text("/known/page/")
    assert (asked.counts["kept"], asked.counts["hit"]) == (2, 1)
    assert (await asked.get("/known/page/", Cookie=asked.staff)).status == 200
    assert asked.counts["hit"] == 1


@pytest.mark.parametrize(("page", "at_most"), [("year", 900), ("minute", 60)])
async def test_a_page_that_shows_the_time_holds_until_it_shows_another(
    asked: Asked, page: str, at_most: int
) -> None:
    asked.cache.changed(None)
    kept = None
    while kept is None:  # a minute may end meanwhile
        asked.cache.pulse()
        began = asked.cache.clock()
        await asked.get(f"/dated/{page}/")
        kept = asked.cache.find(Key("http", HOST, f"/dated/{page}/", b""))
    assert began < kept.until <= asked.cache.clock() + at_most


def test_a_pattern_tells_how_soon_it_shows_something_else() -> None:
    steps = {"Y": 900, "N j, Y": 900, "H:i": 60, "P": 60, "i:s": 1, "c": 1, "r": 1, "U": 1}
    assert {pattern: step_of(pattern) for pattern in steps} == steps


async def test_the_page_for_500_is_given_nothing(asked: Asked) -> None:
    reply = await asked.get("/shell/")
    assert (reply.status, reply.body) == (500, b"[]<p>Seen</p>")


def test_a_broken_list_of_static_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "staticfiles.json").write_text("[]")
    with pytest.raises(ValueError, match=r"staticfiles\.json is no manifest of static files"):
        look_of(static_root=tmp_path)
