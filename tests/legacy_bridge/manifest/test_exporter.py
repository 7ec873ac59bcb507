"""The manifest that real Django projects write: what is in it, and what never is."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import hatchling.build
import pytest

from legacy_bridge.manifest.model import Manifest, Model, UrlNode
from legacy_bridge.manifest.urls import legacy_urls
from tests.legacy_bridge.manifest.exporting import BUNDLED, ODD, PROJECT, command

HERE = "tests.legacy_bridge.manifest.odd_site"


def line(manifest: Manifest, source: str) -> UrlNode:
    """The outermost line of that source."""
    (found,) = [node for node in manifest.urls.patterns if node.source == source]
    return found


def model(manifest: Manifest, label: str) -> Model:
    found = manifest.model(label)
    assert found is not None
    return found


# What never is in it


def test_no_secret_is_written(odd_text: bytes) -> None:
    settings = (PROJECT / f"{HERE.replace('.', '/')}/settings.py").read_text()
    assert len(re.findall("(?i)canary", settings)) > 20
    assert b"canary" not in odd_text.lower()
    assert b"771177" not in odd_text


def test_arguments_that_stand_in_a_setting_are_named_without_their_value(odd: Manifest) -> None:
    assert line(odd, "hook/").defaults == {"level": 2}
    assert line(odd, "hook/").withheld == ("token",)
    assert line(odd, "pin/").defaults == {}
    assert line(odd, "pin/").withheld == ("pin", "url")


def test_a_default_that_stands_in_a_setting_is_only_said_to_be(odd: Manifest) -> None:
    defaults = {each.name: each.default for each in model(odd, "shop.Item").fields}
    assert (defaults["key"].kind, defaults["key"].value) == ("value", None)
    assert (defaults["number"].kind, defaults["number"].value) == ("value", None)
    assert (defaults["kind"].kind, defaults["kind"].value) == ("value", 1)
    assert defaults["name"].callable == f"{HERE}.shop.models.default_name"
    assert defaults["price"].kind == "none"


def test_settings_are_those_that_are_allowed(odd_text: bytes) -> None:
    told = json.loads(odd_text)["settings"]
    foreign = {"SESSION_REDIS", "CSRF_SIGNING_TOKEN", "HOOK_TOKEN", "PAYMENTS", "LOGGING"}
    assert foreign.isdisjoint(told)
    assert not [name for name in told if name.startswith(("AWS_", "EMAIL_HOST", "SECRET"))]
    assert told["DATABASES"] == {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "ATOMIC_REQUESTS": False,
            "TIME_ZONE": None,
        }
    }
    assert told["CACHES"] == {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "KEY_PREFIX": "odd",
            "VERSION": 3,
            "OPTIONS": {"serializer": "json.of.ours.JSONSerializer"},
        },
        "rows": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "OPTIONS": {"MAX_ENTRIES": 77},
            "TABLE": "cache_rows",
        },
    }
    assert told["TEMPLATES"][0]["OPTIONS"] == {"context_processors": []}
    assert told["AUTH_PASSWORD_VALIDATORS"][0]["OPTIONS"] == {"min_length": 11}


def test_what_is_no_json_is_text_or_a_dotted_name(odd_text: bytes) -> None:
    told = json.loads(odd_text)["settings"]
    assert told["SECURE_REDIRECT_EXEMPT"] == [f"{HERE}.settings.Shy"]
    assert told["MESSAGE_TAGS"] == {"10": "bug", "25": "yes"}
    assert told["LANGUAGES"][0] == ["en", "English"]
    assert json.loads(odd_text)["honeypot"] == {"FIELD_NAME": "phone", "VALUE": None}


# URLs


def test_defaults_and_converters(odd: Manifest) -> None:
    assert line(odd, "objects/").defaults == {
        "at": "00000000-0000-0000-0000-000000000007",
        "cls": f"{HERE}.urls.Page",
    }
    assert line(odd, "year/<year:y>/").converters == {"y": f"{HERE}.converters.Year"}
    known = odd.urls.converters
    assert known[f"{HERE}.converters.Year"].like is None
    assert (known[f"{HERE}.urls.Word"].regex, known[f"{HERE}.urls.Word"].like) == (
        "[a-z]{2,5}",
        "str",
    )
    assert known["django.urls.converters.IntConverter"].like == "int"


def test_includes_and_languages(odd: Manifest) -> None:
    shop = line(odd, "shop-b/")
    assert (shop.include, shop.app, shop.namespace, shop.app_name) == (
        f"{HERE}.shop.urls",
        "shop",
        "shop-b",
        "shop",
    )
    assert line(odd, "plain/again/").defaults == {"flag": True}
    (languages,) = [node for node in odd.urls.patterns if node.kind == "language"]
    assert languages.prefix_default is False
    assert languages.patterns is not None
    contact, hello = languages.patterns[1:3]
    assert contact.source == "contact/<int:n>/"
    assert contact.translations["de"] == "kontakt/<int:n>/"
    assert (hello.kind, hello.translations["de"]) == ("regex", "^hallo/$")


@pytest.mark.parametrize(
    ("source", "view"),
    [
        ("", "Page"),
        ("views/partial/", "view"),
        ("views/object/", "Callable_"),
        ("views/careless/", "view"),
        ("views/lambda/", "<lambda>"),
        ("views/page/", "Page"),
    ],
)
def test_views_are_found_behind_what_wraps_them(odd: Manifest, source: str, view: str) -> None:
    (found,) = [
        node for node in odd.urls.patterns if node.source == source and node.patterns is None
    ]
    assert found.view == f"{HERE}.urls.{view}"


def test_the_order_and_the_apps_of_the_bundled_site(bundled: Manifest) -> None:
    urls = [url for url in legacy_urls(bundled) if url.app != "admin"]
    assert [url.shown for url in urls[:4]] == [
        "/",
        "/_health/?",
        "/authenticated",
        "/release-edit-button/<int:pk>",
    ]
    by_pattern = {url.shown: url for url in urls}
    release = by_pattern["/downloads/release/<slug:release_slug>/"]
    assert (release.app, release.name, release.leaf.view) == (
        "downloads",
        "download:download_release_detail",
        "legacy_site.apps.downloads.views.DownloadReleaseDetail",
    )
    # tastypie and Django REST framework hand out functions of their own.
    v1 = by_pattern["/api/(?P<api_name>v1)/(?P<resource_name>downloads/os)/$"]
    v2 = by_pattern["/api/v2/pages/page/$"]
    assert (v1.app, v1.leaf.view) == (
        "downloads",
        "legacy_site.apps.downloads.api_v1.OSResource",
    )
    assert (v2.app, v2.leaf.view) == ("pages", "legacy_site.apps.pages.api_v2.PageViewSet")
    assert by_pattern["/media/<path:path>"].leaf.withheld == ("document_root",)


# Models


def test_a_model(odd: Manifest) -> None:
    item = model(odd, "shop.item")
    assert (item.table, item.managed, item.primary_key) == ("odd items", True, ("id",))
    assert item.unique_together == (("name", "maker"),)
    assert item.ordering == ("-price", "OrderBy(F(name), descending=False)")
    assert item.permissions[-1] == "sell"
    assert [(rule.name, rule.fields) for rule in item.indexes] == [("by_kind", ("kind", "-price"))]
    (constraint,) = item.constraints
    assert (constraint.name, constraint.condition) == ("one_book_of_a_name", "(AND: ('kind', 1))")
    fields = {each.name: each for each in item.fields}
    price = fields["price"]
    assert (price.db_type, price.null, price.max_digits, price.decimal_places) == (
        "numeric(7, 2)",
        True,
        7,
        2,
    )
    assert fields["kind"].choices == ((1, "A book"), (2, "A toy"))
    assert fields["group"].choices == (("g", "in a group"),)
    assert fields["number"].unique is True
    assert fields["changed"].auto_now is True


def test_relations(odd: Manifest) -> None:
    fields = {each.name: each for each in model(odd, "shop.Item").fields}
    maker, owner = fields["maker"].relation, fields["owner"].relation
    assert maker is not None
    assert owner is not None
    assert (fields["maker"].column, fields["maker"].db_type) == ("made_by", "uuid")
    assert (maker.to, maker.table, maker.column, maker.on_delete, maker.related_name) == (
        "shop.Maker",
        "shop_maker",
        "id",
        "PROTECT",
        "made",
    )
    assert (owner.on_delete, owner.related_name) == ("SET", None)
    other = {each.name: each for each in model(odd, "shop.Similarity").fields}["other"].relation
    assert other is not None
    assert other.constraint is False
    tags, similar = model(odd, "shop.Item").many_to_many
    assert (tags.table, tags.source_column, tags.target_column, tags.through) == (
        "odd items_tags",
        "item_id",
        "tag_id",
        "shop.Item_tags",
    )
    assert (similar.through, similar.source_column) == ("shop.Similarity", "one_id")
    assert model(odd, "shop.Item_tags").auto_created_by == "shop.Item"
    (about,) = model(odd, "shop.Remark").generic_relations
    assert (about.name, about.type_field, about.key_field) == ("about", "type", "row")


def test_inheritance(odd: Manifest) -> None:
    toy, cheap, view = (model(odd, f"shop.{name}") for name in ("Toy", "CheapItem", "View"))
    assert (toy.parents, toy.primary_key) == ({"shop.Item": "item_ptr_id"}, ("item_ptr",))
    assert [each.name for each in toy.fields] == ["item_ptr", "age"]
    assert (cheap.proxy_of, cheap.table, cheap.fields) == ("shop.Item", "odd items", ())
    assert (view.managed, view.table) == (False, "v_items")
    assert odd.model("shop.Named") is None


def test_all_models_of_the_bundled_site(bundled: Manifest) -> None:
    assert {each.label for each in bundled.models_of("downloads")} == {
        "downloads.OS",
        "downloads.Release",
        "downloads.ReleaseFile",
    }
    assert model(bundled, "users.User").table == "users_user"
    assert bundled.waffle is not None
    assert bundled.waffle["COOKIE"] == "dwf_%s"
    assert bundled.allauth is not None
    assert bundled.allauth["EMAIL_VERIFICATION"] == "mandatory"
    assert bundled.paths["ACCOUNT_LOGOUT_REDIRECT_URL"] == "/"


# The command


def test_it_is_written_whole_and_keeps_permissions(tmp_path: Path) -> None:
    target = tmp_path / "manifest.json"
    target.write_text("old")
    target.chmod(0o640)
    done = command(ODD, "--output", str(target), "--indent", "0")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{target}: written\n"
    assert json.loads(target.read_text())["version"] == 1
    assert target.read_text().count("\n") == 1
    assert target.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["manifest.json"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = command(ODD, "--output", str(tmp_path / "none" / "manifest.json"))
    assert done.returncode == 1
    assert "none/manifest.json cannot be written: No such file or directory" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_two_runs_differ_in_their_time_only(odd_text: bytes) -> None:
    again = json.loads(command(ODD).stdout)
    first: dict[str, Any] = json.loads(odd_text)
    assert again.pop("made") >= first.pop("made")
    assert again == first


# On its own

BLOCKED = """
import sys
from importlib.metadata import packages_distributions
installed = set(packages_distributions())
allowed = {"django", "asgiref", "sqlparse", "psycopg", "psycopg_binary", "typing_extensions",
           "legacy_bridge"}
ours = ("legacy_bridge.django", "legacy_bridge.manifest", "legacy_bridge.replication",
        "proxy", "ported_domains")
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in installed - allowed or name.startswith(ours):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
"""


def test_it_needs_nothing_but_django() -> None:
    """psycopg is what this project's DATABASES asks for, not what the exporter does."""
    done = command(ODD, before=BLOCKED)
    assert done.returncode == 0, done.stderr
    blocked = command(BUNDLED, before=BLOCKED)  # which needs more than Django
    assert (blocked.returncode, "blocked: " in blocked.stderr) == (1, True)


def test_it_is_installed_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the wheel of its own folder: without the rest of ours, in another project."""
    monkeypatch.chdir(PROJECT / "legacy_bridge" / "exporter")
    name = hatchling.build.build_wheel(str(tmp_path))
    with zipfile.ZipFile(tmp_path / name) as wheel:
        assert {each.split("/")[0] for each in wheel.namelist()} == {
            "legacy_bridge",
            "strangler_exporter-0.1.0.dist-info",
        }
        (metadata,) = [each for each in wheel.namelist() if each.endswith("/METADATA")]
        told = wheel.read(metadata).decode()
        assert re.findall("^Requires-.*", told, re.MULTILINE) == [
            "Requires-Python: >=3.8",
            "Requires-Dist: django>=4.2",
        ]
        wheel.extractall(tmp_path / "site")
    (tmp_path / "site" / "plain.py").write_text(
        "SECRET_KEY = 'canary'\nROOT_URLCONF = 'plain'\nurlpatterns = []\n"
        "INSTALLED_APPS = ['legacy_bridge.exporter']\n"
    )
    # The project's own installation, which tests run in, must not be what is found.
    hidden = f"import sys; sys.path = [p for p in sys.path if p != {str(PROJECT)!r}]\n"
    hidden += "sys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f).lower()]"
    done = command(
        "plain", before=hidden, path=[tmp_path / "site"], folder=tmp_path, measured=False
    )
    assert done.returncode == 0, done.stderr
    written = json.loads(done.stdout)
    assert written["settings"]["INSTALLED_APPS"] == ["legacy_bridge.exporter"]
    assert written["models"] == []
