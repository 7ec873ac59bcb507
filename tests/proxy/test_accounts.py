"""What the account pages are given, and what keeps the proxy from starting with them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from legacy_bridge.django.settings import Secrets
from legacy_bridge.manifest.model import Manifest
from ported_domains.shared.visitors.contracts import Contracts
from proxy.abilities import manifest_of
from proxy.accounts import accounts_of, check
from proxy.contracts import contracts_of
from proxy.databases import open_engine
from proxy.embedded.child import free_port
from proxy.settings import Settings, SettingsError
from tests.legacy_bridge.manifest.exporting import BUNDLED
from tests.proxy.telling import bundled, plain, told, written

CONSOLE = Settings(mail_url=SecretStr("console:"))
NO_ADDRESS = (
    "is no address such as a@example.com or Name <a@example.com>; "
    "set STRANGLER_MAIL_FROM for native pages"
)
NOWHERE = SecretStr(f"postgresql://nobody@127.0.0.1:{free_port()}/none")


@pytest_asyncio.fixture
async def contracts() -> AsyncIterator[Contracts]:
    engine = open_engine(NOWHERE.get_secret_value(), pool_size=1, name="test")
    settings = Settings(legacy_secret_key=SecretStr("a key"))
    contracts = contracts_of(settings, plain(), engine, None)
    assert contracts is not None
    assert contracts.secrets == Secrets(key="a key")
    yield contracts
    contracts.passwords.close()
    await engine.dispose()


async def test_without_mail_or_contracts_there_are_none(contracts: Contracts) -> None:
    assert accounts_of(Settings(), plain(), contracts, None) is None
    assert accounts_of(CONSOLE, plain(), None, None) is None


async def test_who_mails_are_from(contracts: Contracts) -> None:
    own = Settings(mail_url=SecretStr("console:"), mail_from="Us <us@example.org>")
    for settings, manifest, sender in (
        (CONSOLE, bundled(), "noreply@python.org"),
        (own, bundled(), "Us <us@example.org>"),
        (CONSOLE, None, "webmaster@localhost"),
    ):
        accounts = accounts_of(settings, manifest, contracts, None)
        assert accounts is not None
        assert accounts.settings.from_address == sender


async def test_where_limits_are_counted(
    contracts: Contracts, capsys: pytest.CaptureFixture[str]
) -> None:
    """Together with Django where that can be; else each process for itself, which is said."""
    assert accounts_of(CONSOLE, bundled(), contracts, None) is not None
    assert "limits_not_shared" not in capsys.readouterr().out
    assert accounts_of(CONSOLE, plain(), contracts, None) is not None
    assert "CACHES['default']: django.core.cache.backends.locmem" in capsys.readouterr().out


def limits(written: object) -> Manifest:
    return bundled(allauth={"RATE_LIMITS": written})


REFUSALS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a sender that is none": (
        "console:",
        {"DEFAULT_FROM_EMAIL": "Webmaster"},
        f"STRANGLER_LEGACY_MANIFEST: DEFAULT_FROM_EMAIL: 'Webmaster' {NO_ADDRESS}",
    ),
    "a time-out that is none": (
        "smtp://mail.example?timeout=long",
        {},
        "STRANGLER_MAIL_URL: takes timeout=SECONDS, more than 0 and at most 3600",
    ),
    "a zone that is none": (
        "console:",
        {"TIME_ZONE": "Mars/Olympus"},
        "STRANGLER_LEGACY_MANIFEST: TIME_ZONE: 'Mars/Olympus' is not known here — install tzdata",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_what_cannot_be_done_is_refused(contracts: Contracts, case: str) -> None:
    url, changes, said = REFUSALS[case]
    with pytest.raises(SettingsError) as refused:
        accounts_of(Settings(mail_url=SecretStr(url)), bundled(changes), contracts, None)
    assert str(refused.value) == said


async def test_limits_that_cannot_be_read_are_refused(contracts: Contracts) -> None:
    with pytest.raises(SettingsError, match="ACCOUNT_RATE_LIMITS: 'often' is not like 5/300s/key"):
        accounts_of(CONSOLE, limits({"login": "often"}), contracts, None)
    days = bundled(allauth={"EMAIL_CONFIRMATION_EXPIRE_DAYS": "three"})
    with pytest.raises(SettingsError, match="STRANGLER_LEGACY_MANIFEST: unsupported type for time"):
        accounts_of(CONSOLE, days, contracts, None)


async def test_an_own_sender_that_is_none_is_named(contracts: Contracts) -> None:
    """The setting's own check is a coarser one."""
    settings = Settings(mail_url=SecretStr("console:"), mail_from="a@b..example")
    with pytest.raises(SettingsError, match=r"STRANGLER_MAIL_FROM: 'b\.\.example' is no domain"):
        accounts_of(settings, bundled(), contracts, None)


async def test_all_is_looked_at_before_a_worker_starts(tmp_path: Path) -> None:
    """And nobody is connected to for it."""
    manifest = told(BUNDLED, {})
    settings = Settings(
        legacy_secret_key=SecretStr("a key"),
        legacy_database_url=NOWHERE,
        legacy_cache_url=SecretStr(f"redis://127.0.0.1:{free_port()}"),
        legacy_manifest=written(tmp_path, manifest),
        mail_url=SecretStr("console:"),
    )
    check(settings, manifest_of(settings))
    check(Settings(), None)
    written(tmp_path, told(BUNDLED, {"SESSION_ENGINE": "own.sessions"}))
    with pytest.raises(SettingsError, match=r"SESSION_ENGINE: sessions in own\.sessions"):
        check(settings, manifest_of(settings))
