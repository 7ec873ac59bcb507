"""What each domain can do natively, and what it lacks, in the words that an operator reads."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from legacy_bridge.manifest.obeying import OF_VISITORS
from ported_domains.registry import DOMAINS
from proxy.abilities import abilities
from proxy.ownership.phases import Ability, Hold, Phase, hold_of
from proxy.settings import Settings, SettingsError
from tests.legacy_bridge.manifest.exporting import BUNDLED
from tests.proxy.telling import PLAIN, told, written

MANIFEST = "STRANGLER_LEGACY_MANIFEST"
SECRET = SecretStr("postgresql://u:p@h/d")
ALL: dict[str, Any] = {
    "database_url": SECRET,
    "legacy_database_url": SECRET,
    "legacy_secret_key": SECRET,
    "mail_url": SecretStr("console:"),
    "allowed_hosts": ("example.org",),
}


def users(**settings: Any) -> str | None:
    """What the account pages lack."""
    ability = abilities(Settings(**settings))["users"]
    assert ability.shares_rows
    return ability.lacking


def test_every_domain_is_told_of() -> None:
    assert abilities(Settings()).keys() == DOMAINS.keys()


def test_a_domain_that_knows_no_visitors_lacks_nothing() -> None:
    assert abilities(Settings())["downloads"] == Ability(shares_rows=False, lacking=None)


def test_a_domain_without_pages_says_so() -> None:
    assert abilities(Settings())["events"].lacking == "its pages are not ported yet"


def test_with_all_settings_nothing_is_lacking(tmp_path: Path) -> None:
    assert users(**ALL) is None
    manifest = written(tmp_path, told(BUNDLED, {}))
    assert users(**ALL, legacy_manifest=manifest) is None
    assert users(**ALL | {"allowed_hosts": ()}, legacy_manifest=manifest) is None


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["mail_url"], "STRANGLER_MAIL_URL is not set"),
        (
            ["legacy_secret_key", "database_url"],
            "STRANGLER_DATABASE_URL, STRANGLER_LEGACY_SECRET_KEY are not set",
        ),
        (
            ["allowed_hosts"],
            f"neither {MANIFEST} nor STRANGLER_ALLOWED_HOSTS says which hosts are the site's",
        ),
    ],
)
def test_settings_that_are_missing(missing: list[str], said: str) -> None:
    assert users(**{name: ALL[name] for name in ALL if name not in missing}) == said


@pytest.mark.parametrize("name", OF_VISITORS)
def test_middleware_that_is_missing(tmp_path: Path, name: str) -> None:
    middleware = [*told(BUNDLED, {})["settings"]["MIDDLEWARE"]]
    middleware[middleware.index(name)] = "own.Middleware"
    manifest = written(tmp_path, told(BUNDLED, {"MIDDLEWARE": middleware}))
    said = f"MIDDLEWARE has no {name}, and native pages do as it does"
    assert users(**ALL, legacy_manifest=manifest) == said


def test_all_that_is_lacking_is_said_at_once(tmp_path: Path) -> None:
    lacking = users(legacy_manifest=written(tmp_path, told(PLAIN, {})))
    assert lacking is not None
    first, *middleware, last = lacking.split("; ")
    assert first.startswith("STRANGLER_DATABASE_URL, STRANGLER_LEGACY_DATABASE_URL, ")
    assert [each.split()[3].rstrip(",") for each in middleware] == [*OF_VISITORS]
    assert (
        last == "django-allauth is not installed there, and the native account pages do as it does"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file"),
        ("{", "manifest.json:1:2: not JSON: "),
        ("[]", "manifest.json: is no manifest: it has no version"),
        ('{"version": 7}', "manifest.json: version: 7 is not 1"),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "manifest.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SettingsError) as refused:
        abilities(Settings(legacy_manifest=file))
    line = str(refused.value)
    assert line.startswith(f"STRANGLER_LEGACY_MANIFEST: {file}")
    assert said.replace("there is no such file", "No such file or directory") in line
    assert "strangler_manifest" in line or "release" in line


def test_every_fault_of_a_manifest_has_a_line(tmp_path: Path) -> None:
    faulty = told(PLAIN, {"SESSION_COOKIE_AGE": "long", "DEBUG": 1})
    with pytest.raises(SettingsError) as refused:
        abilities(Settings(legacy_manifest=written(tmp_path, faulty)))
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert all(line.startswith("STRANGLER_LEGACY_MANIFEST: ") for line in lines)


LACKING = Ability(shares_rows=True, lacking="a setting")


@pytest.mark.parametrize(
    ("phase", "hold"),
    [
        (Phase.LEGACY, None),
        (Phase.READS, Hold(Phase.LEGACY, "a setting")),
        (Phase.NATIVE, Hold(Phase.LEGACY, "a setting")),
        (Phase.RETIRED, Hold(Phase.LEGACY, "a setting")),
    ],
)
def test_what_is_lacking_holds_a_domain_at_legacy(phase: Phase, hold: Hold | None) -> None:
    assert hold_of(phase, LACKING) == hold
