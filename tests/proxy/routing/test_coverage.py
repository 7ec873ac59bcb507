"""Rules beside the URL patterns of real projects: what is warned of is so, what is sound is not."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from legacy_bridge.django.reversing import Urls
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.urls import legacy_urls
from proxy.routing.coverage import Coverage, NativeUrls, Warned, coverage, never_winning
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable
from tests.longer import sampled


def table(**domains: list[str]) -> RoutingTable:
    """Every rule is on a line of its own, the first on line 5."""
    text = f"version: 1\ndomains:{'' if domains else ' {}'}\n"
    for name, rules in domains.items():
        text += f"  {name}:\n    phase: legacy\n    routes:\n"
        text += "".join(f"      - {rule}\n" for rule in rules)
    return RoutingTable.build(parse(text, list(domains)))


def compared(
    manifest: Manifest, native: NativeUrls | None = None, **domains: list[str]
) -> Coverage:
    return coverage(table(**domains), manifest, native or {})


def kinds(found: Coverage) -> list[tuple[str, str, int]]:
    return [(each.kind, each.rule.path, each.rule.line) for each in found.warnings]


def message(found: Coverage) -> str:
    (warning,) = found.warnings
    return f"{warning.message} — {warning.remedy}"


# Without a manifest


@pytest.mark.parametrize(
    "rules",
    [
        ["/a/**", "{path: /a/**, methods: [GET]}"],
        ["/**", "/a", "/a/**"],
        ["{path: /a, methods: [GET]}", "{path: /a, methods: [POST]}"],
    ],
)
def test_rules_that_can_win(rules: list[str]) -> None:
    assert list(never_winning(table(shop=rules))) == []


def test_a_rule_whose_methods_all_have_a_rule_can_never_win() -> None:
    safe, other = "[GET, HEAD, OPTIONS, TRACE]", "[POST, PUT, PATCH, DELETE]"
    rules = [f"{{path: /a, methods: {safe}}}", f"{{path: /a, methods: {other}}}", "/a", "/b"]
    (found,) = never_winning(table(shop=rules))
    assert (found.rule.path, found.rule.line, found.kind) == ("/a", 8, "never")
    assert found.message == "can never win: line 6, 7 takes all that it is for"


# Patterns without a domain


def test_patterns_that_no_rule_takes(bundled: Manifest) -> None:
    found = compared(bundled, downloads=["/downloads/**", "/getit/**", "/release-edit-button/**"])
    unowned = {each.url.shown for each in found.unowned}
    everything = {url.shown for url in legacy_urls(bundled)}
    assert len(everything) > 500
    owned = {each for each in everything if each.startswith(("/downloads/", "/getit/"))}
    assert everything - unowned == owned | {"/release-edit-button/<int:pk>"}
    assert not any(each.partly for each in found.unowned)
    assert len(found.patterns) == len(legacy_urls(bundled))


def test_a_pattern_that_a_rule_takes_a_part_of(bundled: Manifest) -> None:
    found = compared(bundled, boxes=["/box/homepage/"], downloads=["/getit/latest/python3/**"])
    partly = {each.url.shown: each.path for each in found.unowned if each.partly}
    assert partly.keys() == {"/box/<slug:label>/"}
    assert partly["/box/<slug:label>/"] == "/box/h/"


def test_what_the_admin_shows_is_the_admins(bundled: Manifest) -> None:
    apps = {each.url.app for each in compared(bundled).unowned if each.url.shown.startswith("/adm")}
    assert apps == {"admin", "admindocs"}


# Rules without a URL


def test_a_rule_that_no_url_is_for(bundled: Manifest) -> None:
    found = compared(bundled, downloads=["/download/**", "/downloads/**"])
    assert kinds(found) == [("unmatched", "/download/**", 6)]
    assert message(found).startswith(
        "no URL pattern of the legacy site is like that, and none of downloads — correct the path"
    )


def test_native_urls_count(bundled: Manifest) -> None:
    native = {"downloads": [r"download/(?P<slug>[a-z]+)/$"], "boxes": ["bx/$"]}
    rules = ["/download/**", "/bx/"]
    assert kinds(compared(bundled, native, downloads=rules)) == [("unmatched", "/bx/", 7)]


@pytest.mark.parametrize(
    "rule", sampled(["/static/**", "/static/css/**", "/media/x.png", "/about", "/doc"], short=2)
)
def test_files_and_missing_slashes_are_no_mistakes(bundled: Manifest, rule: str) -> None:
    assert kinds(compared(bundled, pages=[rule])) == []


def test_a_rule_that_more_specific_ones_leave_nothing(bundled: Manifest) -> None:
    found = compared(bundled, boxes=["/box/**", "/streams/**"], streams=["/streams/sink/"])
    assert kinds(found) == []
    found = compared(bundled, pages=["/doc/**", "/doc/"])
    assert kinds(found) == [("never", "/doc/**", 6)]
    assert "each legacy URL that it is for has a more specific rule" in message(found)


# Order


def test_djangos_first_match_and_our_most_specific_rule_disagree(odd: Manifest) -> None:
    """news/<slug>/ comes before news/sale/, so Django never gets to the latter."""
    found = compared(odd, news=["/news/**"], shop=["/shop/**", "/news/sale/", "/news/offers/"])
    assert kinds(found) == [("order", "/news/sale/", 11)]
    assert message(found) == (
        "takes /news/sale/ for shop, where Django answers with /news/<slug:slug>/ of news, which "
        "comes before /news/sale/ in the URLconf — remove it: Django never shows /news/sale/ there"
    )


def test_a_rule_that_cuts_something_out_of_a_view(odd: Manifest) -> None:
    found = compared(odd, news=["/news/**"], front=["/news/latest/"])
    assert kinds(found) == [("other-app", "/news/latest/", 10)]


def test_an_app_inside_another_ones_rule(odd: Manifest) -> None:
    """/news/offers/ is a view of the shop; the news' <slug> matches it as well, but later."""
    found = compared(odd, news=["/news/**"], shop=["/shop/**"])
    assert kinds(found) == [("order", "/news/**", 6)]
    assert message(found) == (
        "takes /news/offers/ for news, where Django answers with /news/offers/ of shop, which "
        "comes before /news/<slug:slug>/ in the URLconf — give these paths a rule in the domain "
        "that answers them, or pin them: {path: /news/offers/, pin: legacy}"
    )
    pinned = "{path: /news/offers/, pin: legacy}"
    assert kinds(compared(odd, news=["/news/**"], shop=["/shop/**", pinned])) == []
    owned = compared(odd, news=["/news/**"], shop=["/shop/**", "/news/offers/"])
    assert kinds(owned) == []


def test_a_view_of_another_domain_that_nothing_of_ours_matches(odd: Manifest) -> None:
    found = compared(odd, news=["/news/archive/**", "/shop-b/**"], shop=["/shop/**"])
    assert [each.kind for each in found.warnings] == ["other-app"]
    assert message(found) == (
        "takes /shop-b/ for news, but /shop-b/ and 4 more patterns is of shop, which is a domain "
        "as well — give shop a more specific rule for it"
    )


def test_a_catch_all_takes_what_comes_before_it(odd: Manifest) -> None:
    """The project's own path/<path:rest> comes before path/<path:rest>/end/."""
    found = compared(odd, views=["/path/**", "/plain/**"], plain=["/plain/again/**"])
    assert kinds(found) == []


def test_the_first_warning_of_many_names_their_number(odd: Manifest) -> None:
    found = compared(odd, shop=["/**"], news=["/news/**"])
    assert {each.kind for each in found.warnings} <= {"order", "other-app"}
    assert all("offers" in each.message for each in found.warnings)


def _warnings(manifest: Manifest) -> Iterator[Warned]:
    yield from compared(manifest, shop=["/**", "/news/latest/"], news=["/news/**"]).warnings
    yield from compared(manifest, news=["/of/**", "/news/**"], shop=["/shop/**"]).warnings


def test_what_is_warned_of_is_so(odd: Manifest) -> None:
    """The path in each warning is one that Django gives to the view that the warning names."""
    urls = Urls(odd)
    checked = 0
    for warning in _warnings(odd):
        path = warning.message.split()[1]
        found = urls.resolve(unquote(path))
        assert found is not None
        (url,) = [each for each in legacy_urls(odd) if each.leaf is found.node]
        assert url.shown in warning.message
        assert warning.rule.covers(path.encode("ascii"))
        checked += 1
    assert checked >= 2
