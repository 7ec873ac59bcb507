"""The whole system with a console: the bundled site, both databases, streams, the proxy."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy, strangler
from proxy.embedded.child import on_free_port

TOKEN: Final = "of the tests, known to everybody"
PERMISSION: Final = "downloads.change_os"
OPERATORS: Final = (
    f"token:drill:{hashlib.sha256(TOKEN.encode()).hexdigest()}, permission:{PERMISSION}"
)
ROUTING: Final = """version: 1
gates: off
domains:
  downloads:
    phase: legacy
    routes:
      - /downloads/**
      - {path: /api/v2/downloads/**, methods: [GET, HEAD, OPTIONS]}
  users:
    phase: legacy
    routes: [/accounts/**]
"""


@dataclass(frozen=True, slots=True)
class System:
    """`settings` are those of the proxy."""

    proxy: RunningProxy
    settings: Mapping[str, str]
    folder: Path

    @property
    def url(self) -> str:
        return f"{self.proxy.url}/__strangler__/"

    @property
    def native(self) -> str:
        return self.settings["STRANGLER_DATABASE_URL"]

    @property
    def legacy(self) -> str:
        return self.settings["STRANGLER_LEGACY_DATABASE_URL"]

    def run(self, query: str, *values: object, native: bool = True) -> list[tuple[object, ...]]:
        """In one of the databases; the rows, if there are any."""
        with psycopg.connect(self.native if native else self.legacy) as connection:
            done = connection.execute(query.encode(), values)
            return done.fetchall() if done.description else []


@contextmanager
def running(folder: Path, legacy: str, native: str, *, routing: str = ROUTING) -> Iterator[System]:
    """`legacy` has rows, `native` is empty."""
    with ExitStack() as opened:
        site = LegacySite(legacy, folder, throttling=False, account_limits=False)
        site.start()
        opened.callback(site.stop)
        settings = {
            "STRANGLER_LEGACY_URL": site.url,
            "STRANGLER_LEGACY_DATABASE_URL": legacy,
            "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
            "STRANGLER_LEGACY_MANIFEST": str(site.manifest(folder / "manifest.json")),
            "STRANGLER_DATABASE_URL": native,
            "STRANGLER_MAIL_URL": "console:",
            "STRANGLER_OPERATORS": OPERATORS,
            "STRANGLER_ROUTING": str(folder / "routing.yaml"),
        }
        (folder / "routing.yaml").write_text(routing)
        strangler("db", "upgrade", settings=settings, folder=folder)
        strangler("sync", "init", settings=settings, folder=folder)
        proxy = on_free_port(lambda port: RunningProxy(settings, folder, port=port))
        opened.callback(proxy.close)
        yield System(proxy, settings, folder)
