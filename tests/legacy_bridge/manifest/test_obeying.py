"""What the native side works by is what the project's settings say; without them Django's own."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from legacy_bridge.django.cache.choosing import cache_settings
from legacy_bridge.django.cookies import CookieAttributes
from legacy_bridge.django.csrf import CsrfRules
from legacy_bridge.django.flags import FlagSettings
from legacy_bridge.django.honeypot import Honeypot
from legacy_bridge.django.hosts import HostRules
from legacy_bridge.django.passwords.digests import SaltedDigest
from legacy_bridge.django.passwords.pbkdf2 import Pbkdf2
from legacy_bridge.django.passwords.scrypt import Scrypt
from legacy_bridge.django.passwords.setting import hashers_of
from legacy_bridge.django.settings import (
    CacheSettings,
    CsrfSettings,
    MessageSettings,
    SessionSettings,
)
from legacy_bridge.manifest import obeying
from legacy_bridge.manifest.hashing import hashers
from legacy_bridge.manifest.model import Manifest
from legacy_bridge.manifest.reading import ManifestError, parse
from tests.legacy_bridge.manifest.exporting import exported

ODD_COOKIE = CookieAttributes(domain=".example.com", secure=True, httponly=True)


def test_sessions(odd: Manifest) -> None:
    assert obeying.session_settings(odd) == SessionSettings(
        cookie_name="odd",
        cookie_age=99,
        cookie=ODD_COOKIE,
        salt="odd salt",
        time_zone=ZoneInfo("Asia/Kathmandu"),
    )
    assert obeying.session_engine(odd) == "tests.legacy_bridge.manifest.odd_site.sessions"


def test_caches(odd: Manifest) -> None:
    caches = odd.settings["CACHES"]
    expected = CacheSettings(key_prefix="odd", version=3, serializer="json")
    assert cache_settings(caches["default"]) == expected
    assert cache_settings(caches["rows"]) == CacheSettings(max_entries=77)


def test_messages(odd: Manifest) -> None:
    assert obeying.message_settings(odd) == MessageSettings(
        level=10,
        tags={10: "bug", 20: "info", 25: "yes", 30: "warning", 40: "error"},
        cookie=ODD_COOKIE,
    )


def test_csrf(odd: Manifest) -> None:
    rules = CsrfRules.of(["https://*.example.org", "https://example.net"], ".example.com")
    assert obeying.csrf_rules(odd) == rules
    assert obeying.csrf_settings(odd) == CsrfSettings(
        cookie_name="odd_csrf", header="x-odd", in_session=True, rules=rules
    )


def test_hosts(odd: Manifest) -> None:
    assert obeying.host_rules(odd) == HostRules(
        (".example.com",), use_forwarded_host=True, secure_header=("x-scheme", "https")
    )


def test_paths_and_zones(odd: Manifest) -> None:
    assert obeying.login_path(odd) == "/shop/"
    assert obeying.time_zone(odd) == ZoneInfo("Asia/Kathmandu")


def test_apps_of_others(bundled: Manifest, odd: Manifest) -> None:
    assert obeying.honeypot(bundled) == Honeypot("email_body_text", "write your message")
    assert obeying.flag_settings(bundled) == FlagSettings()
    told = {"COOKIE": "f{}_%s", "SECURE": False, "MAX_AGE": 5, "OVERRIDE": True}
    flags = obeying.flag_settings(replace(odd, waffle={**told, "FLAG_DEFAULT": True}))
    assert flags == FlagSettings("f{{}}_{}", "dwft_{}", False, 5, True, True)


def test_hashers_have_the_costs_of_the_project(odd: Manifest) -> None:
    preferred, known = hashers(odd)
    assert preferred == Pbkdf2("cheap", "sha256", 7)
    assert known == [preferred, Scrypt(2**14, 8, 5), SaltedDigest("md5")]


def test_the_bundled_site_has_djangos_hashers(bundled: Manifest) -> None:
    assert hashers(bundled) == hashers_of()


def test_without_a_manifest_all_is_as_django_has_it() -> None:
    assert obeying.session_settings(None) == SessionSettings()
    assert obeying.session_engine(None) == "django.contrib.sessions.backends.db"
    assert obeying.session_serializer(None) == obeying.JSON
    assert obeying.message_settings(None) == MessageSettings()
    assert obeying.csrf_settings(None) == CsrfSettings()
    assert obeying.csrf_rules(None) == CsrfRules.of(())
    assert obeying.host_rules(None) == HostRules()
    assert obeying.flag_settings(None) == FlagSettings()
    assert obeying.honeypot(None) is None
    assert obeying.time_zone(None) == ZoneInfo("America/Chicago")
    assert obeying.login_path(None) == "/accounts/login/"
    assert hashers(None) == hashers_of()


@pytest.fixture(scope="module")
def plain() -> Manifest:
    """Of a project that sets nothing of its own."""
    return parse(exported("tests.legacy_bridge.manifest.plain_settings"))


def test_a_project_without_settings_obeys_djangos(plain: Manifest) -> None:
    """So that the defaults here are Django's, and not what we remember of them."""
    for function in (
        obeying.session_settings,
        obeying.session_engine,
        obeying.session_serializer,
        obeying.message_settings,
        obeying.csrf_settings,
        obeying.host_rules,
        obeying.flag_settings,
        obeying.honeypot,
        obeying.login_path,
        hashers,
    ):
        told: Callable[[Manifest | None], object] = function
        assert told(plain) == told(None), function


@pytest.mark.parametrize(
    ("changes", "function", "said"),
    [
        (
            {"TIME_ZONE": "Nowhere/City"},
            obeying.time_zone,
            "TIME_ZONE: 'Nowhere/City' is not known",
        ),
        (
            {"SESSION_COOKIE_SAMESITE": "sometimes"},
            obeying.session_settings,
            "SESSION_COOKIE_…: samesite must be",
        ),
    ],
)
def test_what_cannot_be_obeyed_is_named(
    odd_text: bytes, changes: dict[str, Any], function: Callable[[Manifest], object], said: str
) -> None:
    told = json.loads(odd_text)
    told["settings"] |= changes
    with pytest.raises(ManifestError, match=said):
        function(parse(json.dumps(told).encode()))


def test_middleware_that_is_missing(odd: Manifest) -> None:
    changed = replace(odd, settings={**odd.settings, "MIDDLEWARE": list(obeying.OF_VISITORS)})
    assert obeying.missing_middleware(changed) == ()
    sessions, *others = obeying.OF_VISITORS
    changed = replace(odd, settings={**odd.settings, "MIDDLEWARE": ["own.Sessions", *others]})
    assert obeying.missing_middleware(changed) == (sessions,)
    del changed.settings["MIDDLEWARE"]  # Django's default is none
    assert obeying.missing_middleware(changed) == obeying.OF_VISITORS


def test_a_honeypot_that_is_a_function_is_named(odd: Manifest) -> None:
    with pytest.raises(ManifestError, match="HONEYPOT_VALUE: must be str, not None"):
        obeying.honeypot(odd)
    with pytest.raises(ManifestError, match="HONEYPOT_FIELD_NAME: must be str, not None"):
        obeying.honeypot(replace(odd, honeypot={}))


def test_hashers_that_we_do_not_have_are_named(odd: Manifest) -> None:
    cheap, scrypt, _ = odd.hashers
    with pytest.raises(ManifestError, match="PASSWORD_HASHERS: cheap is hashed by a class of the"):
        hashers(replace(odd, hashers=(replace(cheap, django=None),)))
    with pytest.raises(ManifestError, match="ours is scrypt under another name"):
        hashers(replace(odd, hashers=(replace(scrypt, algorithm="ours"),)))
    with pytest.raises(ManifestError, match="PASSWORD_HASHERS: there is none"):
        hashers(replace(odd, hashers=()))
