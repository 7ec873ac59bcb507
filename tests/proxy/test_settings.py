"""Settings: what is wrong is named, with the remedy, and no value of it is shown."""

import os
from ipaddress import ip_network
from pathlib import Path

import pytest

from ported_domains.downloads.cycle_fetching import PUBLISHED_AT
from proxy.native import release_cycle, site_look
from proxy.settings import Settings, SettingsError, misspelt


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in list(os.environ):
        if name.startswith("STRANGLER_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_defaults() -> None:
    settings = Settings.load()
    assert settings.routing == Path("routing.yaml")
    assert settings.legacy_url is None
    assert settings.trusted_proxies == ()
    assert ip_network("127.0.0.0/8") in settings.metrics_networks
    assert settings.owner_headers is True


@pytest.mark.parametrize(
    ("set_to", "asked"), [(None, PUBLISHED_AT), ("http://here/cycle", "http://here/cycle")]
)
async def test_where_the_release_cycle_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, set_to: str | None, asked: str
) -> None:
    if set_to is not None:
        monkeypatch.setenv("STRANGLER_RELEASE_CYCLE_URL", set_to)
    cycle = release_cycle(Settings.load())
    assert cycle is not None
    assert cycle.url == asked
    await cycle.close()


def test_the_release_cycle_may_stay_unasked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_RELEASE_CYCLE_URL", "off")
    assert release_cycle(Settings.load()) is None


def test_durations_and_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Settings.load()
    assert (before.bridge, before.lag_warning, before.retained_wal_warning) == ("auto", 10, 10**9)
    assert (before.verify_every, before.sync_every) == (3600, 300)
    written = {
        "LAG_WARNING": "500ms",
        "VERIFY_EVERY": "2h",
        "SYNC_EVERY": "90",
        "RETAINED_WAL_WARNING": "2GiB",
    }
    for name, value in written.items():
        monkeypatch.setenv(f"STRANGLER_{name}", value)
    settings = Settings.load()
    assert (settings.lag_warning, settings.verify_every, settings.sync_every) == (0.5, 7200, 90)
    assert settings.retained_wal_warning == 2 * 1024**3


def test_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STRANGLER_LEGACY_URL=http://legacy:8001/\n")
    assert Settings.load().legacy_url == "http://legacy:8001"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LEGACY_URL", "legacy:8001", "must look like http://legacy.internal:8001"),
        ("LEGACY_URL", "ftp://legacy", "must look like http://legacy.internal:8001"),
        ("LEGACY_URL", "http://u:secret@legacy", "must be scheme, host and port only"),
        ("LEGACY_URL", "http://legacy/app", "must be scheme, host and port only"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "must look like postgresql://"),
        ("DATABASE_URL", "postgresql://u:secret@h", "must look like postgresql://"),
        ("REDIS_URL", "http://:secret@h", "must look like redis://"),
        (
            "DATABASE_URL",
            "postgresql://u:secret\u2100@h/d",
            "is no URL; what is special in a password",
        ),
        ("REDIS_URL", "redis://:secret\u2100@h", "is no URL; what is special in a password"),
        ("FASTLY_API_KEY", "a secret\nline", "may have visible ASCII only"),
        ("FASTLY_SERVICE_ID", "a/secret", "must be letters and digits"),
        ("MAIL_URL", "mail.secret.example", "must look like smtp://user:password@host:587"),
        ("MAIL_URL", "http://u:secret@mail", "must look like smtp://"),
        ("MAIL_URL", "smtp://", "must look like smtp://"),
        ("MAIL_URL", "smtp://u:sec#ret@mail", "must look like smtp://"),
        ("MAIL_URL", "smtp://u@mail/#secret", "must look like smtp://"),
        ("MAIL_URL", "smtp://u:sec/ret@mail", "must look like smtp://"),
        ("MAIL_URL", "smtp://mail:0", "must look like smtp://"),
        ("MAIL_URL", "smtp://mail/secret", "must look like smtp://"),
        ("MAIL_URL", "smtp://u:secret\u2100@mail", "is no URL"),
        ("MAIL_URL", "file://folder/secret", "must look like smtp://"),
        ("MAIL_URL", "file:///", "must look like smtp://"),
        ("MAIL_URL", "console:secret", "must look like smtp://"),
        ("MAIL_FROM", "secret", "must look like webmaster@example.com or Name <"),
        ("MAIL_FROM", "Ünal, A <a@example.com>", "must look like webmaster@example.com or"),
        ("MAIL_FROM", "A <a@example.com>, b@example.com", "must look like webmaster@example.com"),
        ("LEGACY_SECRET_KEY_FALLBACKS", '["secret"', "must be one key, or a JSON list such as"),
        ("LEGACY_SECRET_KEY_FALLBACKS", '["secret", 1]', "must be one key, or a JSON list such as"),
        ("LEGACY_SECRET_KEY_FALLBACKS", '["secret", ""]', "must be one key, or a JSON list"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "does not appear to be an IPv4 or IPv6 network"),
        ("LOG_FORMAT", "xml", "'json' or 'console'"),
        ("BRIDGE", "maybe", "'auto' or 'off'"),
        ("LAG_WARNING", "10 secret", "write a number of seconds or a text such as 30s, 500ms or"),
        ("VERIFY_EVERY", "0", "write a number of seconds or a text such as 30s, 500ms or 2m"),
        ("VERIFY_EVERY", "25h", "at most 24h"),
        ("RETAINED_WAL_WARNING", "1TB", "write a number of bytes or a text such as 32MB or"),
        ("OWNER_HEADERS", "maybe", "valid boolean"),
        ("MEDIA_ROOT", "/nowhere/secret", "is no directory; name MEDIA_ROOT of the legacy"),
        ("RELEASE_CYCLE_URL", "secret", "must be off, or look like https://"),
        ("RELEASE_CYCLE_URL", "file:///secret", "must be off, or look like https://"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"STRANGLER_{name}", value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    message = str(caught.value)
    assert message.startswith(f"STRANGLER_{name}: ")
    assert said in message
    assert "secret" not in message


def test_all_faults_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_LEGACY_URL", "nonsense")
    monkeypatch.setenv("STRANGLER_DATABASE_URL", "nonsense")
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert len(str(caught.value).splitlines()) == 2


def test_require_says_what_it_is_for() -> None:
    with pytest.raises(SettingsError, match=r"^STRANGLER_DATABASE_URL is not set — for the copy; "):
        Settings.load().require("database_url", "for the copy")


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("one, key", ("one, key",)),
        ('["old", "older"]', ("old", "older")),
        ('["[strange"]', ("[strange",)),
        ("[]", ()),
    ],
)
def test_fallback_keys(
    monkeypatch: pytest.MonkeyPatch, written: str, keys: tuple[str, ...]
) -> None:
    monkeypatch.setenv("STRANGLER_LEGACY_SECRET_KEY_FALLBACKS", written)
    fallbacks = Settings.load().legacy_secret_key_fallbacks
    assert tuple(key.get_secret_value() for key in fallbacks) == keys


@pytest.mark.parametrize(
    "url",
    [
        "smtp://u%40x:p@mail:587?starttls=1",
        "smtps://[::1]?timeout=5",
        "file:///var/spool/mails",
        "console:",
    ],
)
def test_mail_urls(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STRANGLER_MAIL_URL", url)
    assert Settings.load().plain("mail_url") == url


@pytest.mark.parametrize(
    "address", ["a@example.com", "Ünal A. <a@example.com>", '"Ünal, A" <a@example.com>']
)
def test_senders(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("STRANGLER_MAIL_FROM", address)
    assert Settings.load().mail_from == address


SECRETS = {
    "LEGACY_SECRET_KEY": "hidden",
    "LEGACY_SECRET_KEY_FALLBACKS": '["hidden", "hidden too"]',
    "LEGACY_DATABASE_URL": "postgresql://u:hidden@h/d",
    "DATABASE_URL": "postgresql://u:hidden@h/d",
    "REDIS_URL": "redis://:hidden@h",
    "MAIL_URL": "smtp://u:hidden@h",
}


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"STRANGLER_{name}", value)
    settings = Settings.load()
    assert settings.plain("legacy_secret_key") == "hidden"
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hidden" not in shown
        assert shown.count("**********") == len(SECRETS) + 1


def test_networks_take_commas_and_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_TRUSTED_PROXIES", "10.1.2.3, 192.168.0.0/24 fd00::/8")
    assert Settings.load().trusted_proxies == (
        ip_network("10.1.2.3/32"),
        ip_network("192.168.0.0/24"),
        ip_network("fd00::/8"),
    )


def test_templates_are_directories_in_their_order(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    monkeypatch.setenv("STRANGLER_LEGACY_TEMPLATES", f"{second}{os.pathsep}{first}")
    assert Settings.load().legacy_templates == (second, first)
    monkeypatch.setenv("STRANGLER_LEGACY_TEMPLATES", f"{second}{os.pathsep}{tmp_path / 'third'}")
    with pytest.raises(SettingsError, match="LEGACY_TEMPLATES: entry 2 is no directory"):
        Settings.load()


def test_what_templates_need_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"LEGACY_TEMPLATES: .* set STRANGLER_LEGACY_MANIFEST"):
        site_look(Settings(legacy_templates=(tmp_path,)), None)
    (tmp_path / "staticfiles.json").write_text("[]")
    with pytest.raises(SettingsError, match=r"LEGACY_STATIC: .*staticfiles\.json is no manifest"):
        site_look(Settings(legacy_static=tmp_path), None)


def test_misspelt_names_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRANGLER_LEGACY_ULR", "x")
    monkeypatch.setenv("STRANGLER_SEARCH_URL", "read by a later version")
    assert misspelt() == ["STRANGLER_LEGACY_ULR"]
