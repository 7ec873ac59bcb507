"""The bundled site behind a proxy in development, whose domains are all legacy, then native."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from loadtests.journeys.options import EDITOR, VISITOR
from proxy.demo.forms import read_form
from proxy.demo.parts import SECRET_KEY, LegacySite, RunningProxy, strangler
from proxy.embedded.child import EmbeddedError, on_free_port
from proxy.embedded.stack import temporary_stack

NATIVE = {"downloads": "reads", "users": "native"}
"""Phases in which the native side answers as much as it can. Downloads are edited in Django's
admin, which belongs to no domain: their rows stay with the legacy side."""
SIGN_IN = "/accounts/login/"
ROUTING = """\
version: 1
gates: off
domains:
  downloads:
    phase: legacy
    routes:
      - /downloads/**
      - /getit/**
      - {path: /api/v1/downloads/**, methods: [GET, HEAD, OPTIONS]}
      - {path: /api/v2/downloads/**, methods: [GET, HEAD, OPTIONS]}
  users:
    phase: legacy
    routes: [/accounts/**]
"""


@dataclass(frozen=True, slots=True)
class LoadedSystem:
    """What runs. `settings` are those of the proxy."""

    url: str
    settings: dict[str, str]
    folder: Path

    def go_native(self) -> None:
        """Flip every domain, and wait until it is so; raises `CommandFailed` with the reason where
        it does not become so."""
        for domain, phase in NATIVE.items():
            strangler("flip", domain, phase, settings=self.settings, folder=self.folder)


@contextmanager
def loaded_system(workers: int) -> Iterator[LoadedSystem]:
    """Databases, Django, rows on both sides that follow each other, and a proxy with so many
    workers; the legacy side answers everything. How often one may sign in or ask is limited on
    neither side: all visitors have one address."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        stack = opened.enter_context(temporary_stack())
        legacy, native = stack.create_database("legacy"), stack.create_database("native")
        beside = opened.enter_context(ThreadPoolExecutor())
        at_native = {"STRANGLER_DATABASE_URL": native}
        upgrade = beside.submit(strangler, "db", "upgrade", settings=at_native, folder=folder)
        site = LegacySite(legacy, folder, throttling=False, account_limits=False)
        site.manage("migrate")
        site.manage("seed")
        site.start()
        opened.callback(site.stop)
        settings = {
            "STRANGLER_ROUTING": str(folder / "routing.yaml"),
            "STRANGLER_LEGACY_URL": site.url,
            "STRANGLER_LEGACY_DATABASE_URL": legacy,
            "STRANGLER_LEGACY_SECRET_KEY": SECRET_KEY,
            "STRANGLER_LEGACY_MANIFEST": str(site.manifest(folder / "manifest.json")),
            **at_native,
            "STRANGLER_REDIS_URL": stack.redis_url,
            "STRANGLER_MAIL_URL": site.mails.as_uri(),
            "STRANGLER_API_LIMITS": "off",
            "STRANGLER_SHADOW": "off",  # its process would compare a second time
            "STRANGLER_DEVELOPMENT": "true",
        }
        (folder / "routing.yaml").write_text(ROUTING)
        upgrade.result()
        refresh_passwords(site.url)
        strangler("sync", "init", settings=settings, folder=folder)
        proxy = on_free_port(
            lambda port: RunningProxy(settings, folder, port=port, workers=workers)
        )
        opened.callback(proxy.close)
        yield LoadedSystem(proxy.url, settings, folder)


def refresh_passwords(url: str) -> None:
    """Log in once as each of the visitors: Django then replaces the hashes of the data set, whose
    salts are short, and that ends every session which began a moment before."""
    for name, password in (VISITOR, EDITOR):
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            form = read_form(client.get(SIGN_IN).text, "login")
            answer = client.post(SIGN_IN, data=form.filled(login=name, password=password))
        if answer.status_code != httpx.codes.FOUND:
            raise EmbeddedError(f"nobody can log in as {name}: {SIGN_IN} said {answer.status_code}")
