"""Account pages as a manifest has them, and what of it the native ones cannot do."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from legacy_bridge.django.rate_limits import Rate
from legacy_bridge.manifest import reading
from legacy_bridge.manifest.model import Manifest
from ported_domains.users.accounts.obeying import DONE, account_settings, misfits, rates
from ported_domains.users.accounts.settings import AccountSettings
from proxy.demo.parts import LegacySite


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """What the bundled site tells; its database is not asked."""
    folder = tmp_path_factory.mktemp("manifest")
    site = LegacySite("postgresql://nobody@127.0.0.1:1/none", folder)
    return reading.load(site.manifest(folder / "manifest.json"))


def with_allauth(manifest: Manifest, **settings: Any) -> Manifest:
    return replace(manifest, allauth={**(manifest.allauth or {}), **settings})


def with_settings(manifest: Manifest, **settings: Any) -> Manifest:
    return replace(manifest, settings=cast(Any, {**manifest.settings, **settings}))


def test_the_bundled_site_fits(manifest: Manifest) -> None:
    assert list(misfits(manifest)) == []


@pytest.mark.parametrize("name", DONE)
def test_another_value_does_not_fit(manifest: Manifest, name: str) -> None:
    other = "another" if not isinstance(DONE[name], bool) else not DONE[name]
    assert list(misfits(with_allauth(manifest, **{name: other}))) == [
        f"ACCOUNT_{name} is {other!r}, and the native account pages can only do {DONE[name]!r}"
    ]


def test_other_things_that_do_not_fit(manifest: Manifest) -> None:
    fields = with_allauth(manifest, SIGNUP_FIELDS={"email": {}, "phone": {}})
    assert list(misfits(fields)) == [
        "ACCOUNT_SIGNUP_FIELDS has email, phone, not email, username, password1, password2"
    ]
    assert list(misfits(with_settings(manifest, AUTH_PASSWORD_VALIDATORS=["x"]))) == [
        "AUTH_PASSWORD_VALIDATORS is not empty, and no validator is known natively"
    ]
    assert list(misfits(with_settings(manifest, AUTH_USER_MODEL="auth.Group"))) == [
        "AUTH_USER_MODEL is auth.Group, and the native account pages write the table users_user"
    ]
    assert list(misfits(replace(manifest, allauth=None))) == [
        "django-allauth is not installed there, and the native account pages do as it does"
    ]


def test_settings(manifest: Manifest) -> None:
    assert account_settings(manifest, None) == AccountSettings(from_address="noreply@python.org")
    changed = with_allauth(
        manifest,
        EMAIL_SUBJECT_PREFIX="[x] ",
        EMAIL_CONFIRMATION_EXPIRE_DAYS=1,
        SESSION_REMEMBER=True,
    )
    told = account_settings(with_settings(changed, SITE_ID=7), "me@example.org")
    assert (told.subject_prefix, told.confirmation_valid, told.remember, told.site_id) == (
        "[x] ",
        timedelta(days=1),
        True,
        7,
    )
    assert told.from_address == "me@example.org"


def test_settings_without_a_manifest() -> None:
    assert account_settings(None, None) == AccountSettings()
    assert account_settings(None, "me@example.org").from_address == "me@example.org"


def test_rates(manifest: Manifest) -> None:
    assert rates(manifest)["login_failed"] == (Rate(10, 60, "ip"), Rate(5, 300, "key"))
    assert rates(with_allauth(manifest, RATE_LIMITS={"login": "3/h/ip"}))["login"] == (
        Rate(3, 3600, "ip"),
    )
    assert rates(None)["login"] == (Rate(30, 60, "ip"),)
