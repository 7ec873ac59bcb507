"""The native side that answers aside leaves nothing behind."""

from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from legacy_bridge.django.sessions.codec import SessionCodec
from legacy_bridge.django.settings import SessionSettings
from proxy.cli.parity.sides import native_application
from proxy.contracts import secrets_of
from proxy.databases import open_engine
from proxy.demo.parts import SECRET_KEY, LegacySite
from proxy.settings import Settings
from proxy.shadow.candidate import ask
from proxy.shadow.harmless import harmless
from tests.proxy.shadow.test_channel import capture


def sessions(url: str) -> list[Any]:
    with psycopg.connect(url) as legacy:
        return legacy.execute("SELECT * FROM django_session ORDER BY session_key").fetchall()


@pytest.fixture
def settings(
    legacy_site: LegacySite,
    native_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    given = {
        "LEGACY_DATABASE_URL": legacy_site.database_url,
        "DATABASE_URL": native_database_url,
        "LEGACY_SECRET_KEY": SECRET_KEY,
        "LEGACY_MANIFEST": str(legacy_site.manifest(tmp_path / "manifest.json")),
        "MAIL_URL": (tmp_path / "mails").as_uri(),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"STRANGLER_{name}", value)
    return Settings.load()


async def test_a_session_that_the_native_side_would_delete_stays(
    settings: Settings, legacy_site: LegacySite
) -> None:
    """Its user has another password by now, so that whoever recognises its visitor flushes it."""
    key = "s" * 32
    secrets = secrets_of(settings)
    assert secrets is not None
    values = {
        "_auth_user_id": "1",
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": "of another password",
    }
    with psycopg.connect(legacy_site.database_url) as legacy:
        legacy.execute(
            "INSERT INTO django_session VALUES (%s, %s, now() + interval '1 day')",
            [key, SessionCodec(secrets, SessionSettings().salt).encode(values)],
        )
    asked = msgspec.structs.replace(
        capture(1),
        target=b"/accounts/email/",
        host=b"localhost",
        passing=b"Host: localhost\r\nCookie: sessionid=%b\r\n" % key.encode(),
    )
    before = sessions(legacy_site.database_url)
    async with harmless(settings) as app:
        answer, left = await ask(app, asked)
    assert (answer.status, left) == (302, False)
    assert sessions(legacy_site.database_url) == before
    async with native_application(settings) as unbound:
        await ask(unbound, asked)
    assert [row for row in before if row[0] != key] == sessions(legacy_site.database_url)


async def test_the_server_refuses_whatever_writes(native_database_url: str) -> None:
    engine = open_engine(native_database_url, pool_size=1, name="test", read_only=True)
    try:
        async with engine.connect() as connection:
            with pytest.raises(DBAPIError, match="read-only transaction"):
                await connection.execute(text("DELETE FROM operating_systems"))
    finally:
        await engine.dispose()
