"""The first routing.yaml: what an engineer would write, sound, and true to Django's own order."""

from dataclasses import replace

import pytest

from legacy_bridge.manifest.model import Manifest, UrlNode
from legacy_bridge.manifest.urls import legacy_urls
from proxy.ownership.phases import Phase
from proxy.routing.config import RoutingConfig
from proxy.routing.coverage import coverage
from proxy.routing.first import first_routing
from proxy.routing.first_text import text_of
from proxy.routing.parse import parse
from proxy.routing.table import RoutingTable


def written(manifest: Manifest) -> str:
    return text_of(first_routing(manifest), manifest)


def read(text: str) -> RoutingConfig:
    """As by a proxy to which no domain is known yet."""
    return parse(text, [])


def rules(config: RoutingConfig) -> dict[str, list[str]]:
    return {
        name: [route.path for route in domain.routes] for name, domain in config.domains.items()
    }


def test_the_bundled_site(bundled: Manifest) -> None:
    config = read(written(bundled))
    assert {domain.phase for domain in config.domains.values()} == {Phase.LEGACY}
    found = rules(config)
    assert found["downloads"] == [
        "/release-edit-button/**",
        "/getit/**",
        "/downloads/**",
        "/api/v1/downloads/**",
        "/api/v2/downloads/**",
    ]
    assert found["boxes"] == ["/box/**"]
    assert found["streams"] == ["/streams/**"]
    assert found["tastypie"] == ["/api/v1/"]
    assert found["pages"] == ["/api/v1/pages/page/**", "/api/v2/pages/**"]
    # allauth's, but for the pages that the site shows in its place.
    assert found["account"] == ["/accounts/**"]
    assert {"/accounts/signup/", "/users/**"} < set(found["users"])
    assert found["legacy_site"][:4] == ["/", "/_health/**", "/authenticated", "/humans.txt"]
    assert not {"admin", "admindocs", "files"} & found.keys()


def test_what_is_written_says_why(bundled: Manifest) -> None:
    lines = [" ".join(line.split()) for line in written(bundled).splitlines()]
    assert "downloads: # legacy_site.apps.downloads" in lines
    assert "- /downloads/** # legacy_site.apps.downloads.urls: 11 views" in lines
    assert "- /box/** # /box/<slug:label>/ (box)" in lines
    assert "- /_health/** # /_health/? (health), whose regex has no end" in lines
    assert "# uploaded or static files (1 view)" in lines
    assert any(line.startswith("# the app admin (") for line in lines)
    assert max(len(line) for line in written(bundled).splitlines()) <= 120


def test_each_domain_takes_its_own_views_alone(bundled: Manifest, odd: Manifest) -> None:
    for manifest in (bundled, odd):
        routing = first_routing(manifest)
        table = RoutingTable.build(read(text_of(routing, manifest)))
        found = coverage(table, manifest, {})
        without = {each.url.app for each in found.unowned if not each.partly}
        assert without <= {"admin", "admindocs", None}
        assert {each.kind for each in found.warnings} <= {"order"}
        assert (manifest is bundled) is not bool(found.warnings)


def test_the_odd_project(odd: Manifest) -> None:
    found = rules(read(written(odd)))
    assert {"/shop/**", "/shop-b/**", "/news/offers/", "/news/sale/"} <= set(found["shop"])
    assert found["news"] == ["/news/**"]
    # Characters that a path has percent-encoded only, and languages.
    tests = set(found["tests"])
    assert {"/caf%C3%A9/**", "/space%20d/", "/percent%25/"} <= tests
    nested = set(found["nested"])
    assert {"/contact/**", "/de/kontakt/**", "/pt-br/contact/**", "/de/hallo/"} <= tests
    assert {"/in/**", "/de/im/**", "/pt-br/in/**"} <= nested


def _only(manifest: Manifest, *nodes: UrlNode) -> Manifest:
    return replace(manifest, urls=replace(manifest.urls, patterns=nodes))


def test_a_pattern_for_everything_gets_no_rule(bundled: Manifest) -> None:
    everything = UrlNode(
        kind="regex", source="^(?P<path>.*)$", name="page", view="x.y", app="pages"
    )
    manifest = _only(bundled, everything)
    text = written(manifest)
    assert "routes: []\n      # no rule for /(?P<path>.*)$ (page): only /** would take all" in text
    assert rules(read(text)) == {"pages": []}


def test_no_views_at_all(bundled: Manifest) -> None:
    text = written(_only(bundled))
    assert text.endswith("\nversion: 1\n\ndomains: {}\n")
    assert rules(read(text)) == {}


@pytest.mark.parametrize(
    ("label", "name"), [("My-App", "my_app"), ("3d", "app_3d"), ("null", "null"), ("é", "app__")]
)
def test_names_that_routing_yaml_takes(bundled: Manifest, label: str, name: str) -> None:
    node = UrlNode(kind="path", source="x,y:z/", view="x.y", app=label)
    assert rules(read(written(_only(bundled, node)))) == {name: ["/x,y:z/"]}


def test_a_comment_stays_on_its_line(bundled: Manifest) -> None:
    node = UrlNode(kind="regex", source="^a/(?x: b \n  # c\n)\u2028$", view="x.y", app="pages")
    text = written(_only(bundled, node))
    assert rules(read(text)) == {"pages": ["/a/b%E2%80%A8"]}


def test_two_includes_that_begin_alike_share_nothing(bundled: Manifest) -> None:
    def include(app: str, *sources: str) -> UrlNode:
        views = tuple(UrlNode(kind="path", source=s, view="x.y", app=app) for s in sources)
        return UrlNode(kind="path", source="shared/", include=f"{app}.urls", patterns=views)

    manifest = _only(bundled, include("one", "a/", "b/"), include("two", "c/", "d/e/"))
    assert rules(read(written(manifest))) == {
        "one": ["/shared/a/", "/shared/b/"],
        "two": ["/shared/c/", "/shared/d/e/"],
    }
    assert len(legacy_urls(manifest)) == 4


def test_of_very_many_languages_some_are_written(odd: Manifest) -> None:
    codes = [("en", "English"), *((f"x{number}", "?") for number in range(20))]
    settings = odd.settings.copy()
    settings["LANGUAGES"] = codes
    manifest = replace(odd, settings=settings)
    text = written(manifest)
    assert "LANGUAGES has 13 languages more than have rules here" in text
    assert "/x6/i18n/" in text
    assert "/x7/" not in text
