"""What the legacy site alone has, by the path; and what the table makes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from legacy_bridge.manifest.model import Manifest
from ported_domains.shared.visit import decode_path
from proxy.abilities import abilities_under, legacy_pages
from proxy.ownership.phases import Phase, Side
from proxy.routing.coverage import coverage
from proxy.routing.explain import explain
from proxy.routing.legacy_pages import LegacyPage, LegacyPages
from proxy.routing.parse import parse
from proxy.routing.passed_on import notes_of, passed_on, unknown, unnamed, warnings_of
from proxy.routing.table import Match, RoutingTable
from proxy.settings import Settings, SettingsError
from tests.proxy.telling import plain

ABLE: dict[str, Any] = {
    "database_url": "postgresql://u:p@h/d",
    "legacy_database_url": "postgresql://u:p@h/d",
    "legacy_secret_key": "secret",
    "mail_url": "console:",
}
ADMIN = "the URL pattern /admin/login/"
PERSON = r"the URL pattern /users/(?P<slug>[-a-zA-Z0-9_\@\.+]+)/$"


def line(source: str, app: str | None = None, kind: str = "path", **others: Any) -> dict[str, Any]:
    return {"kind": kind, "source": source, "app": app} | others


def site(*lines: dict[str, Any], **settings: Any) -> Manifest:
    urls = {"urlconf": "site.urls", "converters": {}, "patterns": list(lines)}
    return plain(settings, urls=urls)


NATIVE = {"/shop/": "pages", "/jobs/new/": "jobs", "/news/": "news", "/hidden/": "hidden"}
"""Of which domain each native page is."""
SHOP = site(line("shop/"), line("shop/till/", "shop"), line("jobs/", "jobs"), MEDIA_URL="/media/")


def pages(
    manifest: Manifest | None = SHOP,
    native: Mapping[str, str] = NATIVE,
    stood_for: Sequence[str] = (),
    able: Sequence[str] = ("pages", "jobs", "news"),
) -> LegacyPages:
    return LegacyPages(manifest, native.get, decode_path, able, stood_for)


def shown(found: LegacyPage | None) -> str | None:
    return found.shown if found else None


@pytest.fixture(scope="module")
def of_bundled(bundled: Manifest) -> LegacyPages:
    settings = Settings(**ABLE)
    found = legacy_pages(bundled, abilities_under(settings, bundled))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/admin/login/", ADMIN),
        ("/admin", "the URL pattern /admin/"),
        ("/admin/nothing", "the URL pattern /admin/(?P<url>.*)$"),
        ("/%61dmin/login/", ADMIN),
        ("/users/guido/", PERSON),
        ("/users/guido", PERSON),
        ("/media/a.png", "MEDIA_URL, /media/"),
        ("/static/a.css", "STATIC_URL, /static/"),
        # a native page, with its slash or without
        ("/downloads/", None),
        ("/downloads", None),
        ("/accounts/login/", None),
        # nobody's: a redirect, a CMS page or a 404
        ("/accounts/", None),
        ("/about/apps/", None),
        ("/nobody/knows", None),
        ("/staticx", None),
        ("//admin/login/", None),
        ("*", None),
    ],
)
def test_what_the_legacy_site_alone_has(
    of_bundled: LegacyPages, path: str, page: str | None
) -> None:
    assert shown(of_bundled.at(path.encode())) == page


def test_a_domain_that_lacks_something_has_no_pages(bundled: Manifest) -> None:
    able = abilities_under(Settings(), bundled)
    found = legacy_pages(bundled, able)
    assert found is not None
    assert shown(found.at(b"/accounts/login/")) == "the URL pattern /accounts/login/"
    assert found.at(b"/downloads/") is None


def test_a_page_is_of_its_domain(of_bundled: LegacyPages) -> None:
    for path, domain in (
        (b"/downloads/", "downloads"),
        (b"/", "site_pages"),
        (b"/accounts/login/", "users"),
        (b"/api/v2/pages/page/", "pages"),
        (b"/admin/", None),
    ):
        assert of_bundled.domain_at(path) == domain


def test_an_app_is_stood_for() -> None:
    """The first pattern that takes a path is the one that counts, as it is in Django."""
    catching = site(line("a/", "cms"), line("", "cms", "regex"), line("b/", "shop"))
    for path in (b"/a/", b"/b/", b"/c/d"):
        assert pages(catching, stood_for=["cms"]).at(path) is None
        assert pages(catching).at(path) is not None


def test_a_slash_counts_where_django_appends_it() -> None:
    assert shown(pages().at(b"/jobs")) == "the URL pattern /jobs/"
    manifest = site(line("jobs/", "jobs"), APPEND_SLASH=False)
    assert pages(manifest).at(b"/jobs") is None


def test_every_language_counts() -> None:
    inside = line("jobs/", "jobs", translations={"en": "jobs/", "de": "stellen/"})
    around = line("", kind="language", prefix_default=False, patterns=[inside])
    manifest = site(around, LANGUAGE_CODE="en", LANGUAGES=[["en", "English"], ["de", "German"]])
    found = [pages(manifest).at(path) for path in (b"/jobs/", b"/de/stellen/", b"/stellen/")]
    assert [each is not None for each in found] == [True, True, False]


def test_a_pattern_that_cannot_be_read_is_refused_at_once() -> None:
    broken = site(line("fine/"), line("out/", patterns=[line("^(a", kind="regex")]))
    with pytest.raises(SettingsError, match=r"LEGACY_MANIFEST: '\^\(a' is no regex here: missing"):
        legacy_pages(broken, abilities_under(Settings(), None))


# The table

RULES = """
version: 1
domains:
  pages:
    phase: {pages}
    routes: [/**, {{path: /jobs/pinned/, pin: legacy}}]
  jobs:
    phase: {jobs}
    routes: [/elsewhere/]
"""


def table(pages_in: str = "reads", jobs_in: str = "legacy") -> RoutingTable:
    text = RULES.format(pages=pages_in, jobs=jobs_in)
    return RoutingTable.build(parse(text, {"pages", "jobs"}), pages())


def test_the_table_keeps_what_it_found() -> None:
    ours = table()
    match = ours.match("POST", b"/jobs/")
    page = LegacyPage("the URL pattern /jobs/", "jobs")
    assert (match.domain, match.legacy_page, match.passed_on) == ("pages", page, True)
    assert match.home == Match("jobs", Phase.LEGACY, Phase.LEGACY, False, None, None)
    assert ours.match("POST", b"/jobs/") is match
    for method, path in (("POST", b"/media/" + b"a" * 256), ("P" * 256, b"/jobs/")):
        assert ours.match(method, path).legacy_page is not None
        assert ours.match(method, path) is not ours.match(method, path)
    till = ours.match("GET", b"/shop/till/")
    assert (till.home, till.passed_on) == (None, True)
    for path in (b"/shop/", b"/jobs/pinned/", b"/nobody/"):
        assert (ours.match("GET", path).legacy_page, ours.match("GET", path).passed_on) == (
            None,
            False,
        )


def test_a_domain_that_is_not_named_is_the_legacy_sides() -> None:
    """Of what `/**` takes; a narrower rule names its paths."""
    text = """
version: 1
domains:
  pages:
    phase: native
    routes: [/**, /news/here/**, {path: /news/pinned/, pin: legacy}]
  jobs: {phase: legacy, routes: [/elsewhere/]}
"""
    news = dict.fromkeys(("/news/", "/news/here/", "/news/pinned/"), "news")
    for manifest in (SHOP, None):
        config = parse(text, {"pages", "jobs", "news"})
        ours = RoutingTable.build(config, pages(manifest, NATIVE | news))
        for path in (b"/news/", b"/news"):
            match = ours.match("GET", path)
            assert match.legacy_page == LegacyPage("the domain news", "news", unnamed=True)
            assert (match.domain, match.passed_on, match.home and match.home.wanted) == (
                "pages",
                True,
                Phase.LEGACY,
            )
        for path in (b"/news/here/", b"/news/pinned/", b"/jobs/new/", b"/shop/", b"/nobody/"):
            assert ours.match("GET", path).legacy_page is None
        assert [each.message for each in unnamed(ours, ["pages", "jobs", "news"])] == [
            "/** leaves to the legacy side the pages of domains that are not named here: news"
        ]
    assert list(unnamed(table(), ["pages", "jobs"])) == []
    assert list(unnamed(table("legacy"), ["news"])) == []


def test_a_page_belongs_to_its_domain_as_well() -> None:
    ours = table()
    for path, domains in (
        (b"/jobs/", ("pages", "jobs")),
        (b"/jobs/new/", ("pages", "jobs")),
        (b"/news/", ("pages", "news")),
        (b"/shop/", ("pages",)),
        (b"/nobody/", ("pages",)),
    ):
        assert ours.match("POST", path).domains == domains
    assert ours.match("POST", b"/elsewhere/").domains == ("jobs",)


def test_without_rules_or_a_manifest_nothing_is_known() -> None:
    assert RoutingTable.build(parse("version: 1", ()), pages()).match("GET", b"/jobs/").rule is None
    config = parse(RULES.format(pages="reads", jobs="legacy"), {"pages", "jobs"})
    assert RoutingTable.build(config).match("GET", b"/jobs/").legacy_page is None


@pytest.mark.parametrize(
    ("phases", "path", "passed"),
    [
        (("retired", "legacy"), b"/jobs/", False),
        (("reads", "retired"), b"/jobs/", False),
        (("reads", "retired"), b"/shop/till/", True),
        (("legacy", "legacy"), b"/jobs/", True),
    ],
)
def test_what_is_retired_passes_nothing_on(
    phases: tuple[str, str], path: bytes, passed: bool
) -> None:
    config = parse(RULES.format(pages=phases[0], jobs=phases[1]), {"pages", "jobs"})
    ours = RoutingTable.build(config, pages())
    found = explain(ours, config, "GET", path)
    assert (found.passed_on, found.legacy_page is not None) == (passed, True)
    assert found.owner is (Side.LEGACY if passed or phases[0] == "legacy" else Side.NATIVE)


# What is said of it


def test_a_rule_says_what_it_leaves_to_the_legacy_side() -> None:
    ours = table()
    patterns = coverage(ours, SHOP, {}).patterns
    (found,) = passed_on(ours, patterns, ["pages"])
    assert (found.rule.path, list(found.pages.values())) == (
        "/**",
        ["/shop/till/", "/jobs/", "/media/"],
    )
    (note,) = notes_of([found])
    assert note.line == 6
    assert note.message == (
        "/** leaves to the legacy side, in every phase, what has no native page, or one of a "
        "domain that is not named here: /shop/till/ of shop, /jobs/ of jobs, /media/"
    )
    assert list(warnings_of([found])) == []
    assert list(passed_on(ours, patterns, ["jobs"])) == []


def test_files_may_lie_where_a_path_has_to_be_quoted() -> None:
    there = site(line("jobs/", "jobs"), STATIC_URL="/données/", MEDIA_URL="/my files/")
    config = parse(RULES.format(pages="reads", jobs="legacy"), {"pages", "jobs"})
    ours = RoutingTable.build(config, pages(there))
    (found,) = passed_on(ours, coverage(ours, there, {}).patterns, ["pages"])
    assert found.shown == "/donn%C3%A9es/ and 1 more, /jobs/ of jobs"


def test_of_what_is_retired_a_warning_is_given() -> None:
    ours = table("retired")
    (found,) = passed_on(ours, coverage(ours, SHOP, {}).patterns, ["pages"])
    (warning,) = warnings_of([found])
    assert (warning.kind, warning.rule.path, list(notes_of([found]))) == ("retired", "/**", [])
    assert warning.message == (
        "takes what the legacy site alone has, and what is retired passes nothing on: "
        "/shop/till/ of shop, /jobs/ of jobs, /media/"
    )


@pytest.mark.parametrize(
    ("phase", "able", "kinds"),
    [
        ("reads", ["pages"], ["unknown"]),
        ("legacy", ["pages"], []),
        ("reads", [], []),
    ],
)
def test_without_a_manifest_a_ported_catch_all_is_warned_of(
    phase: str, able: list[str], kinds: list[str]
) -> None:
    assert [each.kind for each in unknown(table(phase), able)] == kinds
